import { filter, map } from 'rxjs'
import { expect, test } from 'vitest'
import { defineTopology } from '../../topology/declare/define-topology.ts'
import { log } from '../../topology/declare/log.ts'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import { keepAnything, keepEvents, keepRows, tally } from './shop-parts.ts'

const topology = defineTopology('shop', (t) => {
  const web = t.spout('web', log({ log: 'web' }))
  const app = t.spout('app', log({ log: 'app' }))
  web.sink('events', keepEvents())
  const large = web.bolt('large', filter(Boolean))
  const both = t.merge([large, app])
  const pages = both.bolt('pages', map(String))
  pages.bolt('per_page', tally({ reads: [['page'], ['a', 'b']] })).sink('pages', keepRows())
  web.bolt('schema', tally({ reads: [['page']], readsShapes: true })).sink('schemas', keepRows())
  pages.sink('texts', keepAnything())
  web.bolt('unused', filter(Boolean))
})

test('a plan names the bolts of a spout behind what feeds them, and leaves out what no sink needs', () => {
  const plan = planSpout(topology, 'web')
  expect(plan.bolts.map(({ name, feeds }) => ({ name, feeds }))).toEqual([
    { name: 'large', feeds: ['web'] },
    { name: 'pages', feeds: ['large'] },
  ])
  expect(plan.hasUserBolts).toBe(true)
})

test('feeds from other spouts are not part of the plan', () => {
  const plan = planSpout(topology, 'app')
  expect(plan.bolts.map(({ name, feeds }) => ({ name, feeds }))).toEqual([{ name: 'pages', feeds: ['app'] }])
  expect(plan.sinks.map((sink) => sink.name)).toEqual(['pages', 'texts'])
})

test('a rows sink carries the operator above it and takes what feeds the operator', () => {
  const sinks = planSpout(topology, 'web').sinks
  expect(sinks.map(({ name, feeds, chain, operatorBolt }) => ({ name, feeds, chain, operatorBolt }))).toEqual([
    { name: 'events', feeds: ['web'], chain: [], operatorBolt: undefined },
    { name: 'pages', feeds: ['pages'], chain: ['large', 'pages'], operatorBolt: 'per_page' },
    { name: 'schemas', feeds: ['web'], chain: [], operatorBolt: 'schema' },
    { name: 'texts', feeds: ['pages'], chain: ['large', 'pages'], operatorBolt: undefined },
  ])
})

test('the decoder lifts each path once, also those read behind a bolt that may pass events on', () => {
  expect(planSpout(topology, 'web').wanted).toEqual({ paths: [['page'], ['a', 'b']], shapes: true })
  expect(planSpout(topology, 'app').wanted).toEqual({ paths: [['page'], ['a', 'b']], shapes: false })
})

test('a plan for some sinks wants only what those read', () => {
  const plan = planSpout(topology, 'web', new Set(['schemas']))
  expect(plan.bolts).toEqual([])
  expect(plan.wanted).toEqual({ paths: [['page']], shapes: true })
})

test('an ordered operator makes the whole branch ordered', () => {
  const ordered = defineTopology('ordered', (t) => {
    t.spout('events', log())
      .bolt('tally', tally({ order: 'keyOrdered' }))
      .sink('rows', keepRows())
  })
  expect(planSpout(ordered, 'events').sinks[0]?.order).toBe('keyOrdered')
})

test('a spout that is not declared cannot be planned', () => {
  expect(() => planSpout(topology, 'mail')).toThrow('topology shop has no spout mail')
})
