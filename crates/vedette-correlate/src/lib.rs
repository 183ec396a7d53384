//! Windows over findings: Sigma correlations, and twins of one act.
