/**
 * The words in the text of a topology's file: which properties its functions read, and with what they compare them. Events
 * that are made of them pass filters that no word of another kind would pass.
 *
 * A search of text: what it misses makes a history poorer, and what it finds too much harms none.
 */
import type { JsonScalar } from '../../../model/json.ts'
import type { Path } from '../../../model/path.ts'

/** A property of bodies, with values that something asks for. */
export interface WordProperty {
  readonly path: Path
  readonly values: readonly JsonScalar[]
  /** Whether only its presence is asked for: mostly it is absent then. */
  readonly isRare?: boolean
  /** Whether something computes with it. */
  readonly isNumber?: boolean
}

export interface TextWords {
  readonly properties: readonly WordProperty[]
  readonly collections: readonly string[]
  readonly projects: readonly string[]
  /** Every short text of the file. */
  readonly texts: readonly string[]
}

const literal = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|-?\d[\d_]*(?:\.\d+)?|true|false|null`
const member = String.raw`[!\s]*\??\.\s*[A-Za-z_$][\w$]*|!?(?:\?\.)?\[\s*(?:'[^'\n]*'|"[^"\n]*")\s*\]`
const chain = String.raw`[A-Za-z_$][\w$]*(?:${member})+`
const comparison = String.raw`\s*(?:[!=]==?|[<>]=?)\s*`

const commentOrTemplate = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/g
const imports = /^\s*(?:import|export)\b[^;'"]*(?:from\s*)?(?:'[^'\n]*'|"[^"\n]*")[^\n]*$/gm
const compared = new RegExp(`(${chain})${comparison}(${literal})|(${literal})${comparison}(${chain})`, 'g')
const listed = new RegExp(String.raw`\[((?:\s*(?:${literal})\s*,?)+)\]\s*\.includes\(\s*(${chain})`, 'g')
const asked = new RegExp(String.raw`(${chain})[!\s]*\??\.(?:startsWith|endsWith|includes)\(\s*(${literal})`, 'g')
const present = new RegExp(String.raw`(${literal})\s+in\s+[\w$.]*body\b`, 'g')
const chains = new RegExp(String.raw`${chain}(?![\w$]|\s*(?:<[^()<>]*>)?\()`, 'g')
const destructured = /\{([^{}]*)\}\s*=\s*[\w$.]*\bbody\b|\bbody\s*:\s*\{([^{}]*)\}/g

/** Members of what a bolt is given, which are no properties of bodies. */
const ofEvents = new Set('id project collection timestamp createdAt partition offset body length'.split(' '))
// Longer texts are sentences.
const textLengthMax = 64

export const wordsOfText = (text: string): TextWords => {
  const code = text
    .replace(commentOrTemplate, (found, string) => (string === undefined ? ' ' : found))
    .replace(imports, '')
  const words = new Words()
  for (const [, left, value, before, right] of code.matchAll(compared))
    words.ask(left ?? right ?? '', literalValue(value ?? before ?? ''))
  for (const [, list = '', read = ''] of code.matchAll(listed))
    for (const [one] of list.matchAll(new RegExp(literal, 'g'))) words.ask(read, literalValue(one))
  for (const [, read = '', part = ''] of code.matchAll(asked)) words.ask(read, literalValue(part))
  for (const [, name = ''] of code.matchAll(present)) words.note([String(literalValue(name))], true)
  for (const [, left, right] of code.matchAll(destructured))
    for (const name of (left ?? right ?? '').split(',')) words.note([name.split(/[:=]/, 1)[0]!.trim()])
  for (const [read] of code.matchAll(chains)) words.ask(read)
  for (const [one] of code.matchAll(new RegExp(literal, 'g'))) {
    const value = literalValue(one)
    if (typeof value === 'string' && value !== '' && value.length <= textLengthMax) words.texts.add(value)
  }
  return words.found()
}

const literalValue = (written: string): JsonScalar => {
  if (written === 'null') return null
  if (written === 'true' || written === 'false') return written === 'true'
  if (!/^['"]/.test(written)) return Number(written.replaceAll('_', ''))
  const inner = written.slice(1, -1)
  return inner.replace(/\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|.)/g, (_, escaped: string) => unescaped(escaped))
}

const unescaped = (escaped: string): string => {
  if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return { n: '\n', t: '\t', r: '\r' }[escaped] ?? escaped
}

class Words {
  readonly texts = new Set<string>()
  readonly #collections = new Set<string>()
  readonly #projects = new Set<string>()
  readonly #properties = new Map<string, { path: Path; values: Set<JsonScalar>; isRare: boolean }>()

  /** Something reads a chain of members, and may compare it with a value. */
  ask(read: string, value?: JsonScalar): void {
    const members = [...read.matchAll(/\.\s*([A-Za-z_$][\w$]*)|\[\s*(?:'([^'\n]*)'|"([^"\n]*)")/g)].map(
      ([, name, single, double]) => name ?? single ?? double ?? '',
    )
    const last = members.at(-1)
    if (typeof value === 'string' && last === 'collection') this.#collections.add(value)
    if (typeof value === 'string' && last === 'project') this.#projects.add(value)
    const body = members.lastIndexOf('body')
    const isOfBody = body >= 0 || /^body\b/.test(read)
    const path = members.slice(body + 1)
    // Of what is no body it may be a part, or have been taken out of one.
    if (path.length === 0 || (!isOfBody && ofEvents.has(path[0]!))) return
    const known = this.note(path)
    if (value !== undefined) known.values.add(value)
  }

  note(path: Path, isRare = false): { readonly values: Set<JsonScalar> } {
    const key = path.join('.')
    const known = this.#properties.get(key) ?? { path, values: new Set(), isRare }
    if (key !== '') this.#properties.set(key, known)
    return known
  }

  found(): TextWords {
    return {
      properties: [...this.#properties.values()].map(({ path, values, isRare }) => ({
        path,
        values: [...values],
        ...(isRare ? { isRare } : {}),
      })),
      collections: [...this.#collections],
      projects: [...this.#projects],
      texts: [...this.texts],
    }
  }
}
