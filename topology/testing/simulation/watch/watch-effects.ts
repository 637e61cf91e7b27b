/**
 * Notices what users' parts reach for while they run: random numbers, clocks, files that they write.
 *
 * Which part runs is known by an `AsyncLocalStorage`, so an asynchronous part is noticed wherever it goes on, and what
 * others call meanwhile is let through. A bolt is given numbers and times of the history in place of real ones: whatever
 * it makes of them, the same seed gives the same history.
 *
 * Globals are replaced only while such a part runs. Functions of Node's modules stay replaced for as long as somebody
 * watches: what was imported from them costs half a millisecond to change.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import nodeCrypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Random } from '../../../model/ports/random.ts'
import { filePatches } from './watch-files.ts'

/** A part that runs. */
export interface EffectWatch {
  /** Set for a bolt: what it has reached for, in the words of its author, and what it is given instead. */
  readonly drawn?: { readonly reached: Set<string>; readonly random: Random; readonly nowMs: number }
  /** Told of files that are written. */
  readonly wrote?: (path: string) => void
}

const current = new AsyncLocalStorage<EffectWatch>()

/** A function that is replaced: by `given` for a bolt that runs. */
export interface Patch {
  readonly object: object
  readonly key: string
  readonly make: (real: Callable) => Callable
}

type Callable = (this: unknown, ...values: never[]) => unknown

const forBolts = (
  object: object,
  key: string,
  name: string,
  given: (drawn: NonNullable<EffectWatch['drawn']>, values: readonly unknown[]) => unknown,
): Patch => ({
  object,
  key,
  make: (real) =>
    function (this: unknown, ...values: never[]) {
      const drawn = current.getStore()?.drawn
      if (drawn === undefined) return real.apply(this, values)
      drawn.reached.add(name)
      return given(drawn, values)
    },
})

const fill = (bytes: Uint8Array, random: Random): void => {
  for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(random.next() * 256)
}

const bytesOf = (length: number, random: Random): Uint8Array => {
  const bytes = Buffer.alloc(length)
  fill(bytes, random)
  return bytes
}

const uuidOf = (random: Random): string => {
  const hex = Buffer.from(bytesOf(16, random)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

const fillView = (view: unknown, random: Random): unknown => {
  if (ArrayBuffer.isView(view)) fill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), random)
  return view
}

const prototypeOf = (object: object): object => Object.getPrototypeOf(object)

const globalPatches: readonly Patch[] = [
  forBolts(Math, 'random', 'Math.random()', ({ random }) => random.next()),
  forBolts(prototypeOf(performance), 'now', 'performance.now()', ({ nowMs }) => nowMs),
  forBolts(prototypeOf(crypto), 'randomUUID', 'crypto.randomUUID()', ({ random }) => uuidOf(random)),
  forBolts(prototypeOf(crypto), 'getRandomValues', 'crypto.getRandomValues()', ({ random }, [view]) =>
    fillView(view, random),
  ),
]

const modulePatches: readonly Patch[] = [
  forBolts(nodeCrypto, 'randomUUID', 'randomUUID()', ({ random }) => uuidOf(random)),
  forBolts(nodeCrypto, 'randomBytes', 'randomBytes()', ({ random }, [length]) => bytesOf(Number(length), random)),
  forBolts(nodeCrypto, 'randomInt', 'randomInt()', ({ random }, values) => {
    const [from, to] = values.length > 1 ? [Number(values[0]), Number(values[1])] : [0, Number(values[0])]
    return from + Math.floor(random.next() * (to - from))
  }),
  ...filePatches((path) => current.getStore()?.wrote?.(path)),
]

/** `Date` as a bolt sees it: what it asks of the present is noticed. */
const watchedDate = (real: DateConstructor): DateConstructor => {
  const now = (name: string): number | undefined => {
    const drawn = current.getStore()?.drawn
    drawn?.reached.add(name)
    return drawn?.nowMs
  }
  return new Proxy(real, {
    construct: (target, values, newTarget) => {
      const nowMs = values.length === 0 ? now('new Date()') : undefined
      const made = newTarget === watched?.date ? target : newTarget
      return Reflect.construct(target, nowMs === undefined ? values : [nowMs], made)
    },
    apply: (target) => new target(now('Date()') ?? target.now()).toString(),
    get: (target, key) => (key === 'now' ? () => now('Date.now()') ?? target.now() : Reflect.get(target, key, target)),
  })
}

/** What stands in the globals while a bolt runs. Made once. */
let watched: { readonly date: DateConstructor; readonly real: DateConstructor } | undefined

class Patches {
  readonly #patches: readonly Patch[]
  #shims: readonly { readonly patch: Patch; readonly real: unknown; readonly shim: unknown }[] | undefined

  constructor(patches: readonly Patch[]) {
    this.#patches = patches
  }

  put(): void {
    this.#shims = this.#patches.map((patch) => {
      const real: unknown = Reflect.get(patch.object, patch.key)
      return { patch, real, shim: typeof real === 'function' ? patch.make(real as Callable) : real } // just asked
    })
    for (const { patch, shim } of this.#shims) Reflect.set(patch.object, patch.key, shim)
  }

  takeBack(): void {
    for (const { patch, real } of this.#shims ?? []) Reflect.set(patch.object, patch.key, real)
  }
}

const globals = new Patches(globalPatches)
const modules = new Patches(modulePatches)
let running = 0
let holding = 0

/** Runs a part. What it calls until the promise settles, if it gives one, is noticed. */
export const runWatched = <T>(part: EffectWatch, work: () => T): T => {
  if (part.drawn === undefined) return current.run(part, work)
  begin()
  let isOver = true
  try {
    const result = current.run(part, work)
    if (!(result instanceof Promise)) return result
    isOver = false
    result.then(end, end)
    return result
  } finally {
    if (isOver) end()
  }
}

/** From here on what users' code imports from Node's modules is noticed too, until the function that this gives is called. */
export const holdModules = (): (() => void) => {
  holding += 1
  if (holding === 1) {
    modules.put()
    syncBuiltinESMExports()
  }
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    holding -= 1
    if (holding > 0) return
    modules.takeBack()
    syncBuiltinESMExports()
  }
}

const clocks = /Date|performance/

/** What a part has reached for, as a reason; `undefined` where it was nothing. */
export const reachedText = (reached: ReadonlySet<string>): string | undefined => {
  const names = [...reached]
  const draws = names.filter((name) => !clocks.test(name))
  if (draws.length > 0) return `it draws random numbers (${draws.join(', ')})`
  return names.length > 0 ? `it reads the clock (${names.join(', ')})` : undefined
}

const begin = (): void => {
  running += 1
  if (running > 1) return
  globals.put()
  watched ??= { date: watchedDate(Date), real: Date }
  globalThis.Date = watched.date
}

const end = (): void => {
  running -= 1
  if (running > 0 || watched === undefined) return
  globals.takeBack()
  globalThis.Date = watched.real
}
