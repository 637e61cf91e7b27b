/** What `npm start` shows: counts, a schema, two rollups as tables with bars, and what to try next. */
import { styleText } from 'node:util'
import type { Ledger, ObjectStore, RowStore, RunOutcome } from 'spillway'
import { readEvents, readRollup, readSchema, verifyObjects } from 'spillway/sinks'
import keen from './topology.ts'

interface Report {
  readonly rows: RowStore
  readonly ledger: Ledger
  readonly objects: ObjectStore
  readonly outcome: RunOutcome
  /** Events in the log. */
  readonly events: number
  /** Events that the event rows have taken, over all starts. */
  readonly eventRows: number
}

const isPlain =
  process.stdout.isTTY !== true || process.env['CI'] !== undefined || process.env['NO_COLOR'] !== undefined
const strong = (text: string): string => (isPlain ? text : styleText('bold', text))
const faint = (text: string): string => (isPlain ? text : styleText('dim', text))
const print = (text = ''): void => {
  process.stdout.write(`${text}\n`)
}
const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Rows under a head, columns aligned, the last one a bar. */
const printTable = (head: readonly string[], rows: readonly (readonly string[])[], shares: readonly number[]): void => {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
  const most = Math.max(...shares)
  print(faint(`  ${line(head)}`))
  rows.forEach((row, index) => {
    print(`  ${line(row)}  ${'█'.repeat(Math.max(1, Math.round((shares[index]! / most) * 30)))}`)
  })
}

const rollupOf = (sink: string) => {
  const node = keen.sinks.find((one) => one.name === sink)
  const bolt = keen.bolts.find((one) => node?.inputs.includes(one.name))
  const operator = bolt?.operator
  if (typeof operator !== 'object' || operator.kind !== 'operator') throw new Error(`${sink} keeps no rollup`)
  return operator
}

type Answer = readonly Readonly<Record<string, number | string | null>>[]

const query = async (rows: RowStore, sink: string, groupBy: string): Promise<Answer> => {
  const { result } = await readRollup({ rows, sink, operator: rollupOf(sink), groupBy: [groupBy], nowMs: Date.now() })
  return result as unknown as Answer // with a group and no interval the answer is a list of flat rows
}

const byCount = (name: string) => (left: Answer[number], right: Answer[number]) =>
  Number(right[name]) - Number(left[name])

const printFlights = async (rows: RowStore): Promise<void> => {
  const top = [...(await query(rows, 'delays_by_origin', 'origin'))].sort(byCount('flights')).slice(0, 8)
  print(strong('\nFlights by origin') + faint('  rollup delays_by_origin, 90 days of 2001, delays in minutes'))
  const cells = top.map((row) => [
    String(row['origin']),
    number(Number(row['flights'])),
    number(Number(row['delay']), 1),
    number(Number(row['p90'])),
    number(Number(row['worst'])),
  ])
  printTable(
    ['origin', 'flights', 'mean', 'p90', 'worst'],
    cells,
    top.map((row) => Number(row['flights'])),
  )
}

const printQuakes = async (rows: RowStore): Promise<void> => {
  const top = [...(await query(rows, 'quakes_by_network', 'properties.net'))].sort(byCount('quakes')).slice(0, 6)
  print(strong('\nEarthquakes by network') + faint('  rollup quakes_by_network, a week of 2018'))
  const cells = top.map((row) => [
    String(row['properties.net']),
    number(Number(row['quakes'])),
    number(Number(row['strongest']), 1),
  ])
  printTable(
    ['network', 'quakes', 'strongest'],
    cells,
    top.map((row) => Number(row['quakes'])),
  )
}

const printSchema = async (rows: RowStore): Promise<void> => {
  const schemas = await readSchema({ rows, sink: 'schemas' })
  const movies = schemas.find((schema) => schema.collection === 'movies')
  if (movies === undefined) return
  const others = schemas.length - 1
  print(
    strong('\nSchema of movies') +
      faint(`  inferred from ${number(movies.events)} events; ${others} more collections have one`),
  )
  const named = Object.entries(movies.properties).slice(0, 8)
  const cells = named.map(([path, { type, types, present }]) => [
    path,
    type,
    Object.entries(types)
      .map(([name, count]) => `${name} ${number(count)}`)
      .join(', '),
    `${number(present * 100)} %`,
  ])
  printTable(
    ['property', 'type', 'seen as', 'present'],
    cells,
    named.map(([, { types, count }]) => count - (types.null ?? 0)),
  )
}

const printEvent = async (rows: RowStore): Promise<void> => {
  for await (const event of readEvents({ rows, sink: 'events', project: 'vega', collection: 'flights', limit: 1 })) {
    print(strong('\nThe first flight') + faint('  event rows keep every event by keen.id'))
    print(`  ${JSON.stringify(event)}`)
  }
}

export const printReport = async ({ rows, objects, outcome, events, eventRows }: Report): Promise<void> => {
  const verdict = await verifyObjects({ rows, objects, topology: keen.name })
  const rate = `${number((outcome.records / outcome.elapsedMs) * 1000)} events/s`
  const read = `  ${rate}, ${number(outcome.elapsedMs / 1000, 1)} s, ${number(outcome.deadLetters)} dead letters`
  print(
    outcome.records === 0
      ? strong(`\nSpillway read all ${number(events)} events before`) + faint('  for a new start remove ./data')
      : strong(`\nSpillway has read ${number(outcome.records)} of ${number(events)} events`) + faint(read),
  )
  print(
    `  ${number(eventRows)} event rows, ${number(verdict.objects)} objects of ${number(verdict.byteLength / 1024)} KiB with ${number(verdict.events)} events, ${verdict.problemCount === 0 ? 'every one read back and whole' : `${verdict.problemCount} problems`}`,
  )
  await printSchema(rows)
  await printFlights(rows)
  await printQuakes(rows)
  await printEvent(rows)
  print(strong('\nTry next'))
  print('  npm run topology -- query delays_by_origin --group-by origin --timeframe 2001-01-01/2001-02-01')
  print('  npm run topology -- schema earthquakes')
  print("  npm run topology -- events flights --where 'delay gt 500'")
}
