/**
 * How many requests may be under way at once: halved when the store asks for less, one more for each round that went well.
 *
 * Requests that began before a halving say nothing new when they are refused too, so one overload halves once.
 */
export class RequestLimit {
  readonly #max: number
  #limit: number
  #underWay = 0
  #wentWell = 0
  #era = 0
  readonly #waiting: (() => void)[] = []

  constructor(max: number) {
    this.#max = max
    this.#limit = max
  }

  get limit(): number {
    return this.#limit
  }

  get underWay(): number {
    return this.#underWay
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Runs `work` when its turn has come; `isOverload` tells whether its error asks for fewer requests. */
  async run<Result>(work: () => Promise<Result>, isOverload: (error: unknown) => boolean): Promise<Result> {
    if (this.#underWay >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#underWay++
    const era = this.#era
    try {
      const result = await work()
      this.#goUp()
      return result
    } catch (error) {
      if (isOverload(error) && era === this.#era) this.#halve()
      throw error
    } finally {
      this.#underWay--
      this.#letIn()
    }
  }

  #goUp(): void {
    if (this.#limit === this.#max || ++this.#wentWell < this.#limit) return
    this.#wentWell = 0
    this.#limit++
  }

  #halve(): void {
    this.#era++
    this.#wentWell = 0
    this.#limit = Math.max(1, Math.floor(this.#limit / 2))
  }

  #letIn(): void {
    while (this.#underWay < this.#limit) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#underWay++
      next()
    }
  }
}
