/**
 * A path names a property at any depth: a list of segments.
 *
 * Written, the segments are joined by dots; a segment that is empty or holds `.` `"` `[` `]` `*` is a JSON string:
 * `labels."org.example.url"`. List elements have no index: `item[].price` reaches into the objects of a list.
 */
export type Path = readonly string[]

const plainSegment = /^[^."[\]*]+$/

/** `["a", "b.c"]` becomes `a."b.c"`. */
export const formatPath = (path: Path): string =>
  path.map((segment) => (plainSegment.test(segment) ? segment : JSON.stringify(segment))).join('.')

/** Reads the written form. Gives `undefined` when it is not a path. */
export const parsePath = (text: string): Path | undefined => {
  const segments: string[] = []
  let rest = text
  for (;;) {
    const match = /^(?:"(?:[^"\\]|\\.)*"|[^."[\]*]+)/.exec(rest)
    if (match === null) return undefined
    const written = match[0]
    const segment = written.startsWith('"') ? unquote(written) : written
    if (segment === undefined) return undefined
    segments.push(segment)
    rest = rest.slice(written.length)
    if (rest === '') return segments
    if (!rest.startsWith('.')) return undefined
    rest = rest.slice(1)
  }
}

const unquote = (text: string): string | undefined => {
  try {
    return String(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The value at a path of a decoded object; `undefined` where it is absent. Never reaches into lists. */
export const valueAt = (object: unknown, path: Path): unknown => {
  let value = object
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    if (!Object.hasOwn(value, segment)) return undefined
    value = (value as Record<string, unknown>)[segment] // an object by the line above; its members are unknown
  }
  return value
}
