/**
 * Watches a bolt: what it gives for an event must always be the same, alone or in any batch, now or when it is read again
 * (I-1). Crashes, lanes, deletes and replays of the world make it run over the same events again and again, in other cuts.
 *
 * What a bolt gives while it is handed an event belongs to that event; what it gives later (at the end of the batch, or
 * asynchronously) to the batch. An event that was never seen is run once more alone, and the batch must give what its
 * events give alone: in that order where each thing belongs to an event, as a set with repetitions where not.
 */
import type { OperatorFunction } from 'rxjs'
import { observableOf } from '../../../engine/run-bolts.ts'
import { errorClassOf, messageOf } from '../../../model/spillway-error.ts'
import type { BlamedPart } from '../violation.ts'
import { givenText, inputText, shortValueText, valueText } from './value-text.ts'
import { OutsideCall, type Watch } from './watch.ts'
import { reachedText, runWatched } from './watch-effects.ts'

type Bolt = OperatorFunction<unknown, unknown>

/** One run of a bolt over some inputs. */
interface BoltRun {
  readonly emitted: readonly { readonly value: unknown; readonly at: number }[]
  /** `emitted` as text. */
  readonly texts: readonly string[]
  readonly reached: ReadonlySet<string>
  readonly failure: { readonly error: unknown; readonly at: number } | undefined
}

/** What an event gives when it is alone. */
type Known = { readonly given: readonly string[] } | { readonly thrown: string }

// Of one history and bolt.
const eventsMax = 20_000
const charactersMax = 16_777_216

// Enough to find one choice in ten.
const luckyRuns = 16

// From days to decades, each at another hour: a bolt may look at the year alone.
const apartMs = 90_061_001

// Behind the last input: at the end of the batch, or later.
const afterwards = -1

/** The same bolt; its mistakes are told to the watch. `store`: a sink right below it that keeps one of each event. */
export const watchBolt = (name: string, bolt: Bolt, watch: Watch, store?: string): Bolt => {
  const watched = new WatchedBolt(name, bolt, watch, store)
  return (source) =>
    observableOf((subscriber) => {
      const inputs: unknown[] = []
      source.subscribe({
        next: (input) => inputs.push(input),
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          watched.take(inputs).then(
            ({ emitted, failure }) => {
              for (const { value } of emitted) subscriber.next(value)
              if (failure === undefined) subscriber.complete()
              else subscriber.error(failure.error)
            },
            (error: unknown) => subscriber.error(error),
          )
        },
      })
    })
}

class WatchedBolt {
  readonly #part: BlamedPart
  readonly #bolt: Bolt
  readonly #watch: Watch
  readonly #store: string | undefined
  readonly #known = new Map<string, Known>()
  #characters = 0

  constructor(name: string, bolt: Bolt, watch: Watch, store: string | undefined) {
    this.#store = store
    this.#part = { kind: 'bolt', name }
    this.#bolt = bolt
    this.#watch = watch
    if (!watch.bolts.has(name)) watch.bolts.set(name, { received: 0, emitted: 0 })
  }

  async take(inputs: readonly unknown[]): Promise<BoltRun> {
    const call = new OutsideCall(this.#watch, this.#part)
    try {
      const isWatched = this.#watch.violation === undefined
      const keys = isWatched ? inputs.map(valueText) : []
      const run = await this.#play(inputs, 0)
      this.#count(inputs, run)
      if (isWatched) this.#tellOfParts(run)
      if (isWatched) await this.#judge(inputs, keys, run)
      return run
    } finally {
      call.end()
    }
  }

  #count(inputs: readonly unknown[], { emitted, failure }: BoltRun): void {
    const { bolts } = this.#watch
    const before = bolts.get(this.#part.name)!
    const counts = { received: before.received + inputs.length, emitted: before.emitted + emitted.length }
    const threw = before.threw ?? (failure === undefined ? undefined : messageOf(failure.error))
    bolts.set(this.#part.name, threw === undefined ? counts : { ...counts, threw })
  }

  /** What has another body under the same id is lost there. */
  #tellOfParts({ emitted, texts }: BoltRun): void {
    if (this.#store === undefined) return
    const textOf = new Map<unknown, string>()
    for (const [index, { value }] of emitted.entries()) {
      if (typeof value !== 'object' || value === null || !('id' in value)) continue
      const known = textOf.get(value.id)
      if (known === undefined) textOf.set(value.id, texts[index]!)
      else if (known !== texts[index]) {
        const note = `bolt ${this.#part.name} gives one event several times with other bodies: the sink ${this.#store} keeps one of them, by the event's id`
        this.#watch.notes.add(note)
        return
      }
    }
  }

  async #judge(inputs: readonly unknown[], keys: readonly string[], run: BoltRun): Promise<void> {
    if (run.failure !== undefined && errorClassOf(run.failure.error, 'reject') !== 'reject') return
    for (const [index, key] of keys.entries()) {
      const now = valueText(inputs[index])
      if (now !== key) {
        this.#blame(
          `changes the event that it is given, which others are given too: it was ${inputText(key)} and is ${inputText(now)}`,
        )
        return
      }
    }
    if (run.failure === undefined) await this.#judgeGiven(inputs, keys, run)
    else await this.#judgeFailure(inputs, keys, run.failure)
  }

  async #judgeGiven(inputs: readonly unknown[], keys: readonly string[], run: BoltRun): Promise<void> {
    const whole: string[] = []
    let isPlain = true
    const byInput: string[][] = inputs.map(() => [])
    for (const [index, { at }] of run.emitted.entries()) {
      if (at === afterwards) isPlain = false
      else byInput[at]!.push(run.texts[index]!)
    }
    for (const [index, key] of keys.entries()) {
      const isNew = !this.#known.has(key)
      const known = await this.#alone(inputs[index], key)
      if (known === undefined) return
      if (isNew && run.reached.size > 0 && (await this.#isLucky(inputs, run, index, key, known))) return
      if ('thrown' in known) {
        const what = `for ${inputText(key)} it threw ${errorText(known.thrown)}, and another time it did not`
        return this.#unsteady(inputs, run, index, what)
      }
      whole.push(...known.given)
      const given = byInput[index]!
      if (isPlain && !isSame(given, known.given)) return this.#differs(inputs, run, index, keys, known.given, given)
    }
    if (!isPlain && !isSame(run.texts.toSorted(), whole.toSorted()))
      await this.#differs(inputs, run, 0, keys, whole, run.texts)
  }

  /** What reaches for chance or time may give the same twice by luck: it is asked more often. True when it was found out. */
  async #isLucky(inputs: readonly unknown[], run: BoltRun, index: number, key: string, known: Known): Promise<boolean> {
    for (let again = 0; again < luckyRuns; again++) {
      const other = knownOf(await this.#play([inputs[index]], 5 + again))
      if (other === undefined || isSameKnown(other, known)) continue
      const [before, now] = [known, other].map((one) =>
        'given' in one ? givenText(one.given, key) : errorText(one.thrown),
      )
      await this.#unsteady(inputs, run, index, `for ${inputText(key)} it gave ${before}, and another time ${now}`)
      return true
    }
    return false
  }

  #differs(
    inputs: readonly unknown[],
    run: BoltRun,
    index: number,
    keys: readonly string[],
    before: readonly string[],
    now: readonly string[],
  ): Promise<void> {
    const isBatch = keys.length > 1
    const what = `for ${inputText(keys[index]!)}${isBatch ? ` among ${keys.length} events` : ''}`
    const [one, other] = [givenText(before, keys[index]!), givenText(now, keys[index]!)]
    return this.#unsteady(inputs, run, index, `${what} it gave ${one}, and another time ${other}`)
  }

  /** An event that throws must always throw. */
  async #judgeFailure(
    inputs: readonly unknown[],
    keys: readonly string[],
    { error, at }: NonNullable<BoltRun['failure']>,
  ): Promise<void> {
    const suspects = at === afterwards ? [...keys.keys()] : [at]
    const message = messageOf(error)
    for (const index of suspects) {
      const known = await this.#alone(inputs[index], keys[index]!)
      if (known === undefined || 'thrown' in known) return
    }
    if (suspects.length === 0) return
    const where = at === afterwards ? `a batch of ${keys.length} events` : inputText(keys[at]!)
    const run = { emitted: [], texts: [], reached: new Set<string>(), failure: { error, at } }
    await this.#unsteady(
      inputs,
      run,
      suspects[0]!,
      `for ${where} it threw ${errorText(message)}, and another time it did not`,
    )
  }

  /** What an event gives alone, as it was when it was first asked; `undefined` when the bolt cannot say now. */
  async #alone(input: unknown, key: string): Promise<Known | undefined> {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = knownOf(await this.#play([input], 1))
    if (found !== undefined && this.#known.size < eventsMax && this.#characters < charactersMax) {
      this.#known.set(key, found)
      this.#characters += key.length + ('given' in found ? found.given.reduce((sum, text) => sum + text.length, 0) : 0)
    }
    return found
  }

  /** Finds out why, and blames the bolt. */
  async #unsteady(inputs: readonly unknown[], run: BoltRun, index: number, what: string): Promise<void> {
    const again = await this.#play(inputs, 2)
    const [one, other] = [await this.#play([inputs[index]], 3), await this.#play([inputs[index]], 4)]
    const reached = new Set([...run.reached, ...again.reached, ...one.reached])
    const isSteady = isSame(again.texts, run.texts) && isSame(one.texts, other.texts)
    this.#blame(`does not always give the same for the same event: ${reasonOf(reached, isSteady)}. F${what.slice(1)}`)
  }

  #blame(what: string): void {
    this.#watch.blame('I-1', `bolt ${this.#part.name} ${what}`, this.#part)
  }

  /** Each run is given a time of its own, or a clock that is read twice in one moment would tell the same. */
  #play(inputs: readonly unknown[], turn: number): Promise<BoltRun> {
    const { random, clock } = this.#watch
    const reached = new Set<string>()
    const drawn = { reached, random, nowMs: clock.nowMs() + turn ** 3 * apartMs }
    return runWatched({ drawn }, () => playBolt(this.#bolt, inputs, reached))
  }
}

/** Runs a bolt over inputs. Never rejects. */
const playBolt = (bolt: Bolt, inputs: readonly unknown[], reached: ReadonlySet<string>): Promise<BoltRun> =>
  new Promise((resolve) => {
    const emitted: { value: unknown; at: number }[] = []
    let at = afterwards
    const end = (failure?: BoltRun['failure']): void => {
      const texts = emitted.map(({ value }) => valueText(value))
      resolve({ emitted, texts, reached, failure })
    }
    const source = observableOf((subscriber) => {
      for (let index = 0; index < inputs.length && !subscriber.closed; index++) {
        at = index
        subscriber.next(inputs[index])
      }
      at = afterwards
      subscriber.complete()
    })
    try {
      bolt(source).subscribe({
        next: (value) => emitted.push({ value, at }),
        error: (error: unknown) => end({ error, at }),
        complete: () => end(),
      })
    } catch (error) {
      end({ error, at: afterwards })
    }
  })

const knownOf = ({ failure, texts }: BoltRun): Known | undefined => {
  if (failure === undefined) return { given: texts }
  return errorClassOf(failure.error, 'reject') === 'reject' ? { thrown: messageOf(failure.error) } : undefined
}

const isSameKnown = (left: Known, right: Known): boolean => {
  if ('given' in left && 'given' in right) return isSame(left.given, right.given)
  return 'thrown' in left && 'thrown' in right
}

const reasonOf = (reached: ReadonlySet<string>, isSteady: boolean): string => {
  const what = reachedText(reached)
  if (what !== undefined) return what
  return isSteady ? 'what it gives depends on which events share a batch' : 'it keeps state between batches'
}

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index])

const errorText = (message: string): string => shortValueText(JSON.stringify(message))
