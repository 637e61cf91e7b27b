/** Names that a writer has written down durably and need not write again, up to a bound: the oldest are forgotten (I-6). */

// About 100 bytes each: 3 MB; a writer that meets more names in turn only writes some again.
const namesMax = 32_768

export class KnownNames {
  readonly #most: number
  readonly #names = new Set<string>()

  constructor(most: number = namesMax) {
    this.#most = most
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  add(name: string): void {
    if (this.#names.has(name)) return
    if (this.#names.size >= this.#most) {
      const { value } = this.#names.values().next()
      if (value !== undefined) this.#names.delete(value)
    }
    this.#names.add(name)
  }
}
