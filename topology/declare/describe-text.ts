/**
 * The description as a tree for people: under each node what it feeds. A node that several streams feed is drawn under
 * the first and named under the others.
 */
import type { OrderNeed } from '../model/operator.ts'
import type { LogOptions } from '../model/topology.ts'
import type { BoltDescription, Description, SinkDescription, SpoutDescription } from './describe-topology.ts'
import { isSharedTable } from './validate-sinks.ts'

const orders: Readonly<Record<OrderNeed, string>> = {
  commutative: 'any order, a backlog drains in parallel',
  keyOrdered: 'in order per key: one lane, no parallel catch-up',
  partitionOrdered: 'in log order: one lane, no parallel catch-up',
}

/** Lines of plain text, joined by line feeds, with one at the end. */
export const describeText = (description: Description): string => {
  const drawn = new Set<string>()
  const lines = [`topology ${description.topology}`]
  for (const spout of description.spouts) {
    lines.push('', ...spoutLines(spout), ...childLines(description, spout.name, drawn))
  }
  return `${lines.join('\n')}\n`
}

const spoutLines = (spout: SpoutDescription): readonly string[] => [
  `${spout.name}  spout: ${spout.log ?? "the run's log"}, from ${spout.from}`,
  `│  project: ${spout.project}`,
  `│  collection: ${spout.collection}`,
  `│  time: ${spout.time}`,
  ...valuesLine(spout.options),
  `│  reads: ${readsText(spout)}`,
]

const valuesLine = ({ format, registry, schemas }: LogOptions): readonly string[] => {
  if (format !== 'avro') return []
  const place = registry === undefined ? `of the folder ${schemas}` : `of the registry ${registry}`
  return [`│  values: Avro, by the schemas ${place}`]
}

const readsText = (spout: SpoutDescription): string => {
  const parts = [...spout.lifts, ...(spout.shapes ? ['every path and its type'] : [])]
  return parts.length === 0 ? 'no property' : parts.join(', ')
}

type Child = { readonly head: string; readonly notes: readonly string[]; readonly below: readonly string[] }

const childLines = (description: Description, name: string, drawn: Set<string>): readonly string[] => {
  const children = [
    ...description.bolts
      .filter((bolt) => bolt.inputs.includes(name))
      .map((bolt) => boltChild(description, bolt, drawn)),
    ...description.sinks.filter((sink) => sink.inputs.includes(name)).map((sink) => sinkChild(sink, drawn)),
  ]
  return children.flatMap((child, index) => {
    const isLast = index === children.length - 1
    const indent = isLast ? '   ' : '│  '
    const bar = child.below.length > 0 ? '│  ' : '   '
    return [
      `${isLast ? '└─ ' : '├─ '}${child.head}`,
      ...child.notes.map((line) => `${indent}${bar}${line}`),
      ...child.below.map((line) => `${indent}${line}`),
    ]
  })
}

const boltChild = (description: Description, bolt: BoltDescription, drawn: Set<string>): Child => {
  if (drawn.has(`bolt ${bolt.name}`)) return { head: `→ ${bolt.name}  (above)`, notes: [], below: [] }
  drawn.add(`bolt ${bolt.name}`)
  const { operator } = bolt
  const from = bolt.inputs.length > 1 ? `, from ${bolt.inputs.join(' and ')}` : ''
  const version = bolt.version === null ? '' : `, version ${bolt.version}`
  return {
    head: `${bolt.name}  bolt: ${operator === null ? 'RxJS operator' : operator.name}${from}${version}`,
    notes: operator === null ? [] : [operator.doc],
    below: childLines(description, bolt.name, drawn),
  }
}

const sinkChild = (sink: SinkDescription, drawn: Set<string>): Child => {
  if (drawn.has(`sink ${sink.name}`)) return { head: `→ ${sink.name}  (above)`, notes: [], below: [] }
  drawn.add(`sink ${sink.name}`)
  const version = sink.version === null ? '' : `, version ${sink.version}`
  const tables = sink.tables.filter(({ name }) => !isSharedTable(name) || !drawn.has(`table ${name}`))
  for (const { name } of tables) drawn.add(`table ${name}`)
  const notes = [sink.guarantee, sink.visible, orders[sink.order], ...tables.map(tableText)]
  return { head: `${sink.name}  sink: ${sink.sink}${version}`, notes, below: [] }
}

const tableText = (table: SinkDescription['tables'][number]): string => {
  const keys = [...table.partition, ...table.cluster].map((column) => column.name)
  return `table ${table.name}, by ${keys.join(', ')}`
}
