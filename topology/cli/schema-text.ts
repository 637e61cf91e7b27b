/** A schema as a table for people, as wide as the terminal: the most frequent properties first. */
import type { CollectionSchema, SchemaProperty } from '../../operators/infer-schema/read-schema-state.ts'
import { formatNumber, plural, printable, textTable, widthOf } from './text-table.ts'

/** `positions` says what of the log is counted. */
export const schemaText = (schema: CollectionSchema, positions: string, columns: number): string => {
  const { collection, events, unpublished } = schema
  // Names that look like numbers come first in any object.
  const properties = Object.entries(schema.properties).sort(
    ([left, { count: leftCount }], [right, { count: rightCount }]) => rightCount - leftCount || (left < right ? -1 : 1),
  )
  const rows = properties.map(([path, property]) => [
    property.type,
    formatNumber(property.count),
    isShare(path) ? shareText(property.present) : '',
    typesText(property),
  ])
  const pathWidth = Math.max(pathWidthMin, columns - widthBeside(rows))
  const table = textTable(
    [
      { title: titles[0] },
      { title: titles[1] },
      { title: titles[2], align: 'right' },
      { title: titles[3], align: 'right' },
      { title: titles[4] },
    ],
    rows.map((row, index) => [shortPath(properties[index]![0], pathWidth), ...row]),
  )
  const count = formatNumber(properties.length + unpublished)
  const noun = properties.length + unpublished === 1 ? 'property' : 'properties'
  return `${collection}: ${plural(events, 'event')}, ${count} ${noun}\n${positions}\n\n${table}${notesOf(schema)}`
}

const titles = ['PROPERTY', 'TYPE', 'EVENTS', 'SHARE', 'TYPES SEEN'] as const
// Narrower paths say nothing; the line then goes beyond the terminal.
const pathWidthMin = 24

const widthBeside = (rows: readonly (readonly string[])[]): number =>
  titles.slice(1).reduce((total, title, index) => {
    const widest = rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), title.length)
    return total + 2 + widest
  }, 0)

/** Where names are counted together, one event counts once for each. */
const isShare = (path: string): boolean => !/(?:^|\.)\*(?:\[\])*(?:$|\.)/.test(path.replace(/"(?:[^"\\]|\\.)*"/g, ''))

const shareText = (share: number): string => {
  const percent = share * 100
  return `${percent === 100 || percent === 0 ? percent : percent > 99.9 || percent < 0.1 ? percent.toFixed(3) : percent.toFixed(1)} %`
}

/** Empty where only one type was seen: then the type says it all. */
const typesText = ({ types }: SchemaProperty): string => {
  const seen = Object.entries(types).sort(([, left], [, right]) => right - left)
  return seen.length < 2 ? '' : seen.map(([type, count]) => `${type} ${formatNumber(count)}`).join(', ')
}

/** A path that is too long keeps its first name and its end, which tell it from others. */
const shortPath = (path: string, width: number): string => {
  const shown = printable(path)
  if (widthOf(shown) <= width) return shown
  const dot = shown.indexOf('.')
  const head = dot > 0 && dot < width / 2 ? shown.slice(0, dot + 1) : ''
  const end = [...shown.slice(head.length)]
  let [from, left] = [end.length, width - widthOf(head) - 1]
  while (from > 0 && widthOf(end[from - 1]!) <= left) {
    from -= 1
    left -= widthOf(end[from]!)
  }
  return `${head}…${end.slice(from).join('')}`
}

const notesOf = ({ collapsed, unpublished, approximate }: CollectionSchema): string => {
  const atLeast = approximate ? 'at least ' : ''
  const notes = [
    ...collapsed.map(({ path, names }) => {
      const star = path === '' ? '*' : `${path}.*`
      return `${printable(star)} stands for ${atLeast}${plural(names, 'name')}`
    }),
    ...(unpublished > 0 ? [`${formatNumber(unpublished)} less frequent properties are not shown`] : []),
    ...(approximate ? ['approximate: there are more properties than can be kept one by one'] : []),
  ]
  return notes.length === 0 ? '' : `\n${notes.join('\n')}\n`
}
