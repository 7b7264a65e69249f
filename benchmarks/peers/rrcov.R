# SPDX-License-Identifier: MIT
# Time CovMrcd of rrcov on a matrix in a CSV file; prints one JSON object.
# Rscript benchmarks/peers/rrcov.R FILE.csv REPEATS
suppressMessages(library(rrcov))
given <- commandArgs(trailingOnly = TRUE)
rows <- as.matrix(read.csv(given[1], header = FALSE))
laps <- numeric(as.integer(given[2]))
for (k in seq_along(laps)) {
  laps[k] <- system.time(fit <- CovMrcd(rows, alpha = 0.75))[["elapsed"]]
}
cat(sprintf(
  '{"seconds": %.6f, "log_det": %.12g, "rho": %.12g, "best": [%s], "version": "%s"}\n',
  median(laps), as.numeric(determinant(fit@cov)$modulus), fit@rho,
  paste(sort(fit@best) - 1, collapse = ","), as.character(packageVersion("rrcov"))
))
