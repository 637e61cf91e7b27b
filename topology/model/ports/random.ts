/** Uniform numbers in [0, 1). Used for jitter and names only: nothing that is stored may depend on it. */
export interface Random {
  next(): number
}
