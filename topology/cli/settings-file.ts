/**
 * Reads `spillway.yaml`: where resources are, which topology is meant, knobs. Every problem carries its line and column;
 * unknown settings are refused, or a slip of the hand would be a default.
 *
 * Secrets have no place here: they come from the environment.
 */
import { readFileSync } from 'node:fs'
import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { checkedSetting, type KnobSetting, readKnobSetting } from '../model/knobs/knob-setting.ts'
import { allKnobs } from '../model/knobs.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { AlertSettings } from '../observe/alerts/alert-settings.ts'
import { didYouMean } from './did-you-mean.ts'
import { readAlertSettings, type WrittenNode } from './read-alert-settings.ts'
import type { UsageProblem } from './usage-problems.ts'

/** A value with the place it was read from: `spillway.yaml:3:7`. */
export interface Placed<Value> {
  readonly value: Value
  readonly at: string
}

export interface Settings {
  readonly log?: Placed<string>
  readonly rows?: Placed<string>
  readonly objects?: Placed<string>
  readonly topology?: Placed<string>
  /** URLs of logs that spouts call by name. */
  readonly logs: Readonly<Record<string, Placed<string>>>
  readonly knobs: Readonly<Record<string, KnobSetting>>
  /** Who is told of alerts; with the names of secrets, not their values. */
  readonly alerts?: Placed<AlertSettings>
}

const textNames: ReadonlySet<string> = new Set(['log', 'rows', 'objects', 'topology'])
const names: readonly string[] = [...textNames, 'logs', 'knobs', 'alerts']

export const readSettings = (
  path: string,
  shownPath: string,
): { readonly settings: Settings; readonly problems: readonly UsageProblem[] } => {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines, prettyErrors: false })
  const problems: UsageProblem[] = []
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${shownPath}:${line}:${col}`
  }
  for (const error of [...document.errors, ...document.warnings])
    problems.push({ at: place(error.pos[0]), text: error.message })
  const reader = new SettingsReader(problems, place)
  const root = document.contents
  // A name given twice leaves the rest readable, and its problems are told with it.
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY')
  if (root === null || !isReadable) return { settings: { logs: {}, knobs: {} }, problems }
  if (!isMap(root)) return { settings: { logs: {}, knobs: {} }, problems: [{ at: place(0), text: 'is no mapping' }] }
  return { settings: reader.read(root), problems }
}

class SettingsReader {
  readonly #problems: UsageProblem[]
  readonly #place: (offset: number) => string

  constructor(problems: UsageProblem[], place: (offset: number) => string) {
    this.#problems = problems
    this.#place = place
  }

  read(root: YAMLMap): Settings {
    const texts: Record<string, Placed<string>> = {}
    const logs: Record<string, Placed<string>> = {}
    const values: Record<string, KnobSetting> = {}
    let alerts: Placed<AlertSettings> | undefined
    for (const pair of root.items) {
      const name = nameOf(pair)
      if (textNames.has(name)) this.#text(pair, texts)
      else if (name === 'logs') this.#each(pair, (one) => this.#text(one, logs))
      else if (name === 'knobs') this.#each(pair, (one) => this.#knob(one, values))
      else if (name === 'alerts') alerts = { value: this.#alerts(pair), at: this.#at(pair.key) }
      else this.#note(pair.key, `unknown setting ${JSON.stringify(name)}${didYouMean(name, names)}`)
    }
    return { ...texts, logs, knobs: values, ...(alerts === undefined ? {} : { alerts }) }
  }

  #each(pair: Pair, read: (one: Pair) => void): void {
    if (isMap(pair.value)) for (const one of pair.value.items) read(one)
    else this.#note(pair.value ?? pair.key, `${nameOf(pair)} is a mapping`)
  }

  #text(pair: Pair, into: Record<string, Placed<string>>): void {
    const name = nameOf(pair)
    const value = isScalar(pair.value) ? pair.value.value : undefined
    if (typeof value === 'string') into[name] = { value, at: this.#at(pair.value) }
    else this.#note(pair.value ?? pair.key, `${name} is a text`)
  }

  #knob(pair: Pair, into: Record<string, KnobSetting>): void {
    const name = nameOf(pair)
    const value = isScalar(pair.value) ? pair.value.value : undefined
    if (!allKnobs.has(name)) {
      this.#note(pair.key, `unknown knob ${JSON.stringify(name)}${didYouMean(name, allKnobs.keys())}`)
      return
    }
    try {
      into[name] = typeof value === 'number' ? checkedSetting(name, value) : readKnobSetting(name, String(value ?? ''))
    } catch (error) {
      this.#note(pair.value ?? pair.key, messageOf(error))
    }
  }

  #alerts(pair: Pair): AlertSettings {
    return readAlertSettings(writtenOf(pair.value, pair.key), (place, text) => this.#note(place, text))
  }

  #note(node: unknown, text: string): void {
    this.#problems.push({ at: this.#at(node), text })
  }

  #at(node: unknown): string {
    const hasRange = typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    return this.#place(hasRange ? Number((node.range as readonly unknown[])[0]) : 0) // Array.isArray does not carry over from the line above
  }
}

const nameOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key)

/** A node without its library; what stands nowhere is told at `above`. */
const writtenOf = (node: unknown, above: unknown): WrittenNode => {
  const place = node ?? above
  if (isSeq(node)) return { place, value: node.items.map((item) => writtenOf(item, node)) }
  if (isMap(node))
    return { place, value: new Map(node.items.map((pair) => [nameOf(pair), writtenOf(pair.value, pair.key)])) }
  const value = isScalar(node) ? node.value : null
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { place, value: isPlain ? value : null }
}
