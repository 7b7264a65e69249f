# SPDX-License-Identifier: MIT
"""One pass of an autoregressive conditional duration model: value, gradient and Hessian.

The state h follows h_i = omega + alpha y_(i-1) + beta h_(i-1), where h is the expected
duration and y the duration, or both are logarithms.  Its derivatives by the parameters follow
the same kind of recursion; only four of the second ones are not zero, and two coincide.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry


@entry
def moments(
    x: Array, y: Array, first: float, theta: Array, shape: Array, logs: bool, weibull: bool,
    grad: Array, hess: Table, resid: Array,
) -> float:  # fmt: skip
    """Log-likelihood of durations with Weibull errors of mean 1, and its derivatives.

    Parameters
    ----------
    x : array
        Durations.
    y : array
        What drives the recursion: the durations or their logarithms.
    first : float
        State at the first duration.
    theta : array of 3
        omega, alpha, beta.
    shape : array of 4
        Weibull shape k; ln Gamma(1 + 1/k), its first and second derivative by k.
    logs : bool
        Whether h and y are logarithms.
    weibull : bool
        Whether errors have a shape; else they are exponential, which is faster.
    grad, hess : arrays of 4 and (4, 4)
        Filled with the derivatives by omega, alpha, beta and k.
    resid : array
        Filled with x over its expectation when it is as long as x.
    """
    omega, alpha, beta = theta[0], theta[1], theta[2]
    k, log_c, c1, c2 = shape[0], shape[1], shape[2], shape[3]
    keep = resid.size == x.size
    total, product, h = 0.0, 1.0, first
    dw, da, db, wb, ab, bb = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    gw, ga, gb, gk = 0.0, 0.0, 0.0, 0.0
    ww, wa, wbs, aa, abs_, bbs = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    wk, ak, bk, kk = 0.0, 0.0, 0.0, 0.0
    turn = 2.0 * c1 + k * c2
    for i in range(x.size):
        if i > 0:
            bb = 2.0 * db + beta * bb
            ab = da + beta * ab
            wb = dw + beta * wb
            db = h + beta * db
            da = y[i - 1] + beta * da
            dw = 1.0 + beta * dw
            h = omega + alpha * y[i - 1] + beta * h
        if not logs and not h > 0.0:
            return -math.inf
        one = math.exp(-h) if logs else 1.0 / h  # one over the expected duration
        e = x[i] * one
        if keep:
            resid[i] = e
        if weibull:
            log_h = h if logs else -math.log(one)
            level = math.log(x[i]) - log_h + log_c
            u = math.exp(k * level)
            m = level + k * c1
            total += math.log(k) + k * level - (level - log_c + log_h) - u
            gk += 1.0 / k + m * (1.0 - u)
            kk += turn * (1.0 - u) - u * m * m - 1.0 / (k * k)
            cross = (u - 1.0 + k * u * m) if logs else (u - 1.0 + k * u * m) * one
            wk += cross * dw
            ak += cross * da
            bk += cross * db
        else:
            u = e
            total -= h + e if logs else e
            if not logs:  # logarithms of products of many, not of each
                product *= one
                if not 1e-100 < product < 1e100:
                    total += math.log(product)
                    product = 1.0
        if logs:
            s, q = k * (u - 1.0), -k * k * u
        else:
            s, q = k * (u - 1.0) * one, (k * (1.0 - u) - k * k * u) * one * one
        gw += s * dw
        ga += s * da
        gb += s * db
        ww += q * dw * dw
        wa += q * dw * da
        aa += q * da * da
        wbs += q * dw * db + s * wb
        abs_ += q * da * db + s * ab
        bbs += q * db * db + s * bb
    grad[0], grad[1], grad[2], grad[3] = gw, ga, gb, gk
    hess[0, 0], hess[0, 1], hess[0, 2], hess[0, 3] = ww, wa, wbs, wk
    hess[1, 0], hess[1, 1], hess[1, 2], hess[1, 3] = wa, aa, abs_, ak
    hess[2, 0], hess[2, 1], hess[2, 2], hess[2, 3] = wbs, abs_, bbs, bk
    hess[3, 0], hess[3, 1], hess[3, 2], hess[3, 3] = wk, ak, bk, kk
    return float(total + math.log(product))
