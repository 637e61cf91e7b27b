/**
 * What a person typed, read with types. Each reader notes a problem instead of throwing, so that `check` reports all of
 * them at once, those of the command line first.
 */
import { didYouMean } from './did-you-mean.ts'
import { refuseIfAny, type UsageProblem } from './usage-problems.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'
export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug']

export class CommandInput {
  readonly operands: readonly string[]
  readonly problems: UsageProblem[]
  readonly logLevel: LogLevel
  readonly #options: Readonly<Record<string, unknown>>

  /** `options` by long flag, without dashes: `group-by`. */
  constructor(
    operands: readonly string[],
    options: Readonly<Record<string, unknown>>,
    problems: readonly UsageProblem[] = [],
  ) {
    this.operands = operands
    this.#options = options
    this.problems = [...problems]
    this.logLevel = this.choice('log-level', logLevels, 'info')
  }

  note(problem: UsageProblem): void {
    this.problems.push(problem)
  }

  /** Throws all problems noted so far. */
  check(): void {
    refuseIfAny(this.problems)
  }

  flag(name: string): boolean {
    return this.#options[name] === true
  }

  text(name: string): string | undefined {
    const value = this.#options[name]
    return typeof value === 'string' ? value : undefined
  }

  /** Values of an option that may be given several times. */
  texts(name: string): readonly string[] {
    const value = this.#options[name]
    if (typeof value === 'string') return [value]
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  }

  /** A whole number within bounds. */
  count(name: string, bounds: { readonly min: number; readonly max: number; readonly initial: number }): number {
    const text = this.text(name)
    if (text === undefined) return bounds.initial
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= bounds.min && value <= bounds.max) return value
    this.note({
      at: `--${name}`,
      text: `${JSON.stringify(text)} is no whole number from ${bounds.min} to ${bounds.max}`,
    })
    return bounds.initial
  }

  /** One of a few words. */
  choice<Word extends string>(name: string, words: readonly Word[], initial: Word): Word {
    const text = this.text(name)
    if (text === undefined) return initial
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    const suggestion = didYouMean(text, words)
    this.note({ at: `--${name}`, text: `${JSON.stringify(text)} is not one of ${words.join(', ')}${suggestion}` })
    return initial
  }

  /** Reads the value with `parse`; a thrown text becomes a problem. */
  parsed<Value>(name: string, parse: (text: string) => Value | { readonly problem: string }): Value | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = parse(text)
    if (!isProblem(value)) return value
    this.note({ at: `--${name}`, text: value.problem })
    return undefined
  }
}

const isProblem = <Value>(value: Value | { readonly problem: string }): value is { readonly problem: string } =>
  typeof value === 'object' && value !== null && 'problem' in value
