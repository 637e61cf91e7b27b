/**
 * Paths as the schema writes them: names joined by dots, `[]` behind a name for each list around what follows, `*` for
 * names that are counted together, names that hold signs of the path language as JSON strings (DOMAIN section 4).
 */

/** Stands for names that are counted together. A name that is a star itself is written in quotes. */
export const anyName = '*'

/** Segments of a written path: `item[].price` has the segments `item[]` and `price`. Joined by dots they are the path again. */
export const schemaSegments = (path: string): readonly string[] => {
  // A plain path is split without reading it; a quoted segment keeps its quotes.
  if (!path.includes('"')) return path.split('.')
  return path.match(/(?:"(?:[^"\\]|\\.)*"|[^."]+)+/g) ?? [path]
}

/** How many `[]` stand at the end of a segment. */
export const listLevels = (segment: string): number => {
  let end = segment.length
  while (end > 2 && segment.charCodeAt(end - 1) === closeList && segment.charCodeAt(end - 2) === openList) end -= 2
  return (segment.length - end) / 2
}

const openList = 0x5b
const closeList = 0x5d

/** A segment without its list marks, as it is written. */
export const writtenName = (segment: string): string =>
  segment.charCodeAt(segment.length - 1) === closeList
    ? segment.slice(0, segment.length - 2 * listLevels(segment))
    : segment

/** The name that a written name stands for; `undefined` for `*`, which is all names. */
export const plainName = (written: string): string | undefined => {
  if (written === anyName) return undefined
  return written.startsWith('"') ? String(JSON.parse(written)) : written
}
