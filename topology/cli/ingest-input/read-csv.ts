/**
 * CSV with a heading line: a row becomes an object. A cell that is a JSON number stays that number digit for digit,
 * `true` and `false` are bools, an empty cell is absent, anything else is a string; a dot in a heading nests.
 */
import { parse } from 'csv-parse/sync'
import type { InputItem, InputItems } from './input-item.ts'
import { splitCsv } from './split-csv.ts'

export async function* readCsv(chunks: AsyncIterable<Uint8Array>): InputItems {
  let heading: CsvHeading | undefined
  for await (const records of splitCsv(chunks)) {
    let rows = records
    if (heading === undefined) {
      const at = records.findIndex(isFilled)
      if (at < 0) continue
      const first = records[at]!
      const read = first.problem ?? readHeading(cellsOf([first])[0]!)
      if (typeof read === 'string') {
        yield [{ bytes: new Uint8Array(0), line: first.line, problem: read, isUnfit: true }]
        return
      }
      heading = read
      rows = records.slice(at + 1)
    }
    if (rows.length > 0) yield rowItems(heading, rows)
  }
}

const isFilled = ({ bytes, problem }: InputItem): boolean => bytes.length > 0 || problem !== undefined

/** The cells of whole records, as many lists as records. */
const cellsOf = (records: readonly InputItem[]): readonly (readonly string[])[] =>
  parse(Buffer.concat(records.flatMap(({ bytes }) => [bytes, lineFeed])), {
    relax_column_count: true,
    record_delimiter: '\n',
  })

const lineFeed = Uint8Array.of(10)

const rowItems = (heading: CsvHeading, records: readonly InputItem[]): readonly InputItem[] => {
  const cells = cellsOf(records.filter((record) => isFilled(record) && record.problem === undefined))
  let next = 0
  return records.map((record) =>
    isFilled(record) && record.problem === undefined ? rowItem(heading, record, cells[next++]!) : record,
  )
}

interface CsvHeading {
  readonly width: number
  readonly root: readonly HeadingNode[]
}

/** A member of the object: a cell, or an object of members. */
interface HeadingNode {
  readonly name: string
  cell: number | undefined
  readonly children: HeadingNode[]
}

/** The tree of members that a heading line describes; a text says why it cannot be one. */
const readHeading = (names: readonly string[]): CsvHeading | string => {
  const root: HeadingNode = { name: '', cell: undefined, children: [] }
  for (const [cell, written] of names.entries()) {
    const name = written.trim()
    if (name === '') return `heading ${cell + 1} is empty`
    const parts = name.split('.')
    let node = root
    for (const part of parts.includes('') ? [name] : parts) {
      let child = node.children.find((one) => one.name === part)
      if (child === undefined) {
        child = { name: part, cell: undefined, children: [] }
        node.children.push(child)
      }
      node = child
    }
    if (node.cell !== undefined) return `heading ${JSON.stringify(name)} stands there twice`
    node.cell = cell
  }
  const clash = findClash(root.children)
  if (clash !== undefined) return `heading ${JSON.stringify(clash)} is a value and an object at once`
  return { width: names.length, root: root.children }
}

const findClash = (nodes: readonly HeadingNode[]): string | undefined => {
  for (const node of nodes) {
    const below =
      node.children.length === 0 ? undefined : node.cell !== undefined ? node.name : findClash(node.children)
    if (below !== undefined) return below
  }
  return undefined
}

const rowItem = (heading: CsvHeading, { bytes, line }: InputItem, cells: readonly string[]): InputItem => {
  if (cells.length !== heading.width)
    return { bytes, line, problem: `has ${cells.length} cells, the heading line has ${heading.width}` }
  return { bytes: Buffer.from(objectText(heading.root, cells) ?? '{}'), line }
}

const objectText = (nodes: readonly HeadingNode[], cells: readonly string[]): string | undefined => {
  let text = ''
  for (const node of nodes) {
    const value = node.cell === undefined ? objectText(node.children, cells) : cellText(cells[node.cell] ?? '')
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(node.name)}:${value}`
  }
  return text === '' ? undefined : `{${text}}`
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const cellText = (cell: string): string | undefined => {
  if (cell === '') return undefined
  const isNumber = jsonNumber.test(cell) && Number.isFinite(Number(cell))
  return isNumber || cell === 'true' || cell === 'false' ? cell : JSON.stringify(cell)
}
