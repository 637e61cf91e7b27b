/**
 * CSV with a heading line: a row becomes an object. A cell that is a JSON number stays that number digit for digit,
 * `true` and `false` are bools, an empty cell is absent, anything else is a string; a dot in a heading nests.
 */
import { Readable } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { eventBytesMax } from '../../model/limits.ts'
import type { InputItem, InputItems } from './input-item.ts'

// Rows that are handed on together.
const rowsMax = 1_000

interface CsvRow {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
  readonly raw: string
}

export async function* readCsv(chunks: AsyncIterable<Uint8Array>): InputItems {
  const skipped: InputItem[] = []
  const parser = parse({
    bom: true,
    info: true,
    raw: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: eventBytesMax,
    on_skip: (error: CsvError | undefined) => {
      skipped.push({
        bytes: none,
        line: Number(error?.['lines'] ?? 0),
        problem: error?.message ?? 'is no CSV',
        isUnfit: true,
      })
      return undefined
    },
  })
  const source = Readable.from(chunks)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  let heading: CsvHeading | undefined
  let lines = 0
  let items: InputItem[] = []
  // The shape that `info` and `raw` ask for.
  const rows: AsyncIterable<CsvRow> = parser
  for await (const row of rows) {
    items.push(...skipped.splice(0))
    if (heading === undefined) {
      const read = readHeading(row.record)
      if (typeof read === 'string') {
        yield [{ bytes: none, line: 1, problem: read, isUnfit: true }]
        return
      }
      heading = read
    } else items.push(rowItem(heading, row, lines + 1))
    lines = row.info.lines
    if (items.length >= rowsMax) {
      yield items
      items = []
    }
  }
  yield [...items, ...skipped]
}

const none = new Uint8Array(0)

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

const rowItem = (heading: CsvHeading, row: CsvRow, line: number): InputItem => {
  const { record } = row
  if (record.length !== heading.width)
    return {
      bytes: Buffer.from(row.raw),
      line,
      problem: `has ${record.length} cells, the heading line has ${heading.width}`,
    }
  return { bytes: Buffer.from(objectText(heading.root, record) ?? '{}'), line }
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
