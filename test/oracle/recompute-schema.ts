/**
 * The schema of a list of events, said once more in the slowest and most obvious way (DOMAIN section 4).
 *
 * Nothing here shares code with the decoder, the operator or the reader.
 */
const types = ['string', 'num', 'bool', 'datetime', 'list', 'null']

type Names = readonly string[]

/** `path type` -> number of objects that show it. */
export const schemaCounts = (
  objects: readonly object[],
  datetimes: readonly string[] = [],
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const object of objects) {
    const pairs = new Set<string>()
    showMembers(object, [], 1, (names, value) => pairs.add(pairOf(names.join('.'), value, datetimes)))
    for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  return counts
}

const pairOf = (path: string, value: unknown, datetimes: readonly string[]): string =>
  `${typeof value === 'string' && datetimes.includes(path) ? 'datetime' : typeOf(value)} ${path}`

const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return { string: 'string', number: 'num', boolean: 'bool' }[typeof value as 'string'] // JSON knows no other
}

type Show = (names: Names, value: unknown) => void

const showMembers = (object: object, names: Names, level: number, show: Show): void => {
  for (const [name, value] of Object.entries(object)) {
    const isNamed = level <= 64 && name.length <= 255 && names.join('.').length <= 1_024
    if (isNamed) showValue(value, [...names, writtenName(name)], level, show)
    else showTogether(value, [...names, '*'], show)
  }
}

const showValue = (value: unknown, names: Names, level: number, show: Show): void => {
  if (Array.isArray(value)) {
    show(names, value)
    showElements(value, names, level + 1, show)
  } else if (typeof value === 'object' && value !== null) showMembers(value, names, level + 1, show)
  else show(names, value)
}

const showElements = (list: readonly unknown[], names: Names, level: number, show: Show): void => {
  for (const element of list) {
    if (typeof element !== 'object' || element === null) continue
    if (level > 64) showBelow(element, [...names, '*'], show)
    else if (Array.isArray(element)) showElements(element, inList(names), level + 1, show)
    else showMembers(element, inList(names), level + 1, show)
  }
}

const inList = (names: Names): Names => [...names.slice(0, -1), `${names.at(-1)}[]`]

/** Everything from here down has one path. */
const showTogether = (value: unknown, names: Names, show: Show): void => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) show(names, value)
  showBelow(value, names, show)
}

const showBelow = (value: unknown, names: Names, show: Show): void => {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) {
    if (Array.isArray(value)) showBelow(member, names, show)
    else showTogether(member, names, show)
  }
}

const writtenName = (name: string): string => (/^[^."[\]*]+$/.test(name) ? name : JSON.stringify(name))

export interface TrueProperty {
  readonly type: string
  readonly count: number
  readonly types: Readonly<Record<string, number>>
}

/** Published type, count and types of each path; names that are data are not looked at. */
export const trueProperties = (
  objects: readonly object[],
  datetimes: readonly string[] = [],
): Readonly<Record<string, TrueProperty>> => {
  const found = new Map<string, Record<string, number>>()
  for (const [pair, count] of schemaCounts(objects, datetimes)) {
    const [type, path] = [pair.slice(0, pair.indexOf(' ')), pair.slice(pair.indexOf(' ') + 1)]
    found.set(path, { ...found.get(path), [type]: count })
  }
  return Object.fromEntries(
    [...found].map(([path, seen]) => {
      const count = Object.values(seen).reduce((sum, one) => sum + one, 0)
      return [path, { type: publishedType(seen), count, types: seen }]
    }),
  )
}

/** The most frequent type but null, the earlier one of `types` where two are as frequent. */
const publishedType = (seen: Readonly<Record<string, number>>): string => {
  const candidates = types.filter((type) => type !== 'null' && seen[type] !== undefined)
  const most = Math.max(...candidates.map((type) => seen[type]!))
  return candidates.find((type) => seen[type] === most) ?? 'null'
}
