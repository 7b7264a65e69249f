# SPDX-License-Identifier: MIT
# Time CovMrcd of rrcov, the reference implementation, on one row's matrix; prints one JSON line.
# Rscript r_mrcd.R --inputs FOLDER --outcomes FOLDER; the row is told by the name of the script.
suppressMessages(library(rrcov))
given <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
row <- sub("_", "-", sub("^r", "R", sub("[.]R$", "", basename(script))))
row <- gsub("_", "-", row)
rows <- as.matrix(read.csv(file.path(given[which(given == "--inputs") + 1], row, "rows.csv"),
                           header = FALSE))
laps <- numeric(if (nrow(rows) > ncol(rows)) 3 else 1)
cpu <- laps
for (k in seq_along(laps)) {
  time <- system.time(fit <- CovMrcd(rows, alpha = 0.75))
  laps[k] <- time[["elapsed"]]
  cpu[k] <- time[["user.self"]] + time[["sys.self"]]
}
cat(sprintf(
  paste0('{"workload": "%s", "peer": "rrcov", "version": "%s", "seconds": %.6f, ',
         '"cpu_seconds": %.6f, "work": 1, "unit": "fits/s", "rate": %.9g, "max_rss_mb": null, ',
         '"outcome": {"log_det": %.15g, "rho": %.12g, "bad_kept": %d}, "why": %s}\n'),
  row, as.character(packageVersion("rrcov")), median(laps), median(cpu), 1 / median(laps),
  as.numeric(determinant(fit@cov)$modulus), fit@rho, sum(fit@best <= nrow(rows) %/% 5),
  if (nrow(rows) > ncol(rows)) "null" else
    '"with more columns than rows its starts depend on the null space of a singular matrix"'
))
