import { filter } from 'rxjs'
import { expect, test } from 'vitest'
import { defineTopology } from '../../topology/declare/define-topology.ts'
import { describeJson } from '../../topology/declare/describe-json.ts'
import { describeMermaid } from '../../topology/declare/describe-mermaid.ts'
import { describeText } from '../../topology/declare/describe-text.ts'
import { describeTopology } from '../../topology/declare/describe-topology.ts'
import { log } from '../../topology/declare/log.ts'
import { keepEvents, keepObjects, keepRows, tally } from './shop-parts.ts'

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log({ collection: { header: 'kind' }, time: { path: 'at', unit: 's' } }))
  const large = events.bolt('large', filter(Boolean), { version: '2' })
  const new_ones = events.bolt('new', filter(Boolean))
  t.merge([large, new_ones]).bolt('tally', tally()).sink('by_country', keepRows())
  events.sink('events', keepEvents())
  events.sink('archive', keepObjects({ knobs: { 'objects.ageMs': 60_000 } }))
})

test('the text draws what feeds what, with order, guarantee, bounds and tables', () => {
  expect(describeText(describeTopology(shop))).toBe(`topology shop

events  spout: the run's log, from earliest
│  project: header project, else the key, else "default"
│  collection: header kind
│  time: property at in s, else header spillway-time, keen.timestamp, append time
│  reads: country
├─ large  bolt: RxJS operator, version 2
│  └─ tally  bolt: tally, from large and new
│     │  counts per country
│     └─ by_country  sink: keepRows
│           each event counts once; a delete takes out exactly what its events had added
│           visible after 1 s at most, when nothing is behind
│           any order, a backlog drains in parallel
│           table by_country, by country, window_start
├─ new  bolt: RxJS operator
│  └─ → tally  (above)
├─ events  sink: keepEvents
│     one row per event; a delete empties it for good
│     visible after 1 s at most, when nothing is behind
│     any order, a backlog drains in parallel
│     table events, by project
│     table events_buckets, by project
└─ archive  sink: keepObjects
      each event stands in one object; an object appears whole
      visible after 1 min, or 1 min of quiet; parts of 32 MiB
      any order, a backlog drains in parallel
`)
})

test('Mermaid gets ids of its own and labels in which nothing of a user can end the quote', () => {
  const wild = describeMermaid({
    topology: 'x',
    spouts: [],
    bolts: [{ name: 'a"]\nend', inputs: [], version: null, operator: null }],
    sinks: [],
  })
  expect(wild).toBe('flowchart LR\n  n0["a#34;#93;#10;end<br/>RxJS"]\n')
  expect(describeMermaid(describeTopology(shop))).toBe(`flowchart LR
  n0(["events<br/>log"])
  n1["large<br/>RxJS"]
  n2["new<br/>RxJS"]
  n3["tally<br/>tally"]
  n4[("by_country<br/>keepRows")]
  n5[("events<br/>keepEvents")]
  n6[("archive<br/>keepObjects")]
  n0 --> n1
  n0 --> n2
  n1 --> n3
  n2 --> n3
  n3 --> n4
  n0 --> n5
  n0 --> n6
`)
})

test('the JSON is the description itself: nothing is lost on the way', () => {
  const description = describeTopology(shop)
  expect(JSON.parse(describeJson(description))).toEqual(description)
  expect(describeJson(description)).not.toContain('\n')
  expect(describeJson(description, 2)).toContain('\n  "spouts": [\n')
})

test('readers find in it what restores the operator and opens the tables', () => {
  const [rows] = describeTopology(shop).sinks
  expect(rows?.operator).toEqual({ bolt: 'tally', name: 'tally', options: { by: ['country'] } })
  expect(rows?.tables.map((table) => table.name)).toEqual(['by_country'])
  expect(rows?.spouts).toEqual(['events'])
})

test('bounds are the knobs that close an epoch, with the options of the sink applied', () => {
  const archive = describeTopology(shop).sinks.find((sink) => sink.name === 'archive')
  expect(archive?.bounds).toEqual([
    { knob: 'objects.ageMs', value: 60_000 },
    { knob: 'objects.idleMs', value: 60_000 },
    { knob: 'objects.epochBytes', value: 536_870_912 },
    { knob: 'objects.targetBytes', value: 33_554_432 },
  ])
})
