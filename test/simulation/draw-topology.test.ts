import { describe, expect, it } from 'vitest'
import { validateTopology } from '../../topology/declare/validate-topology.ts'
import { drawTopology, shapesMax, topologyOf } from './draw-topology.ts'

const shapes = Array.from({ length: shapesMax }, (_, shape) => topologyOf(shape))

describe('drawn topologies', () => {
  it('are valid, and the same for the same number', () => {
    for (const [shape, topology] of shapes.entries()) {
      expect(validateTopology(topology)).toEqual([])
      if (shape > 0) expect(JSON.stringify(drawTopology(shape))).toBe(JSON.stringify(topology))
    }
  })

  it('have every kind of sink, merges, bolts in a row, duplicates held back, and two spouts', () => {
    const sinks = new Set(shapes.flatMap((topology) => topology.sinks.map(({ sink }) => sink.name)))
    expect(sinks).toEqual(new Set(['eventRows', 'tableRows', 'objects', 'keptNotes', 'propagateDeletes']))
    const bolts = shapes.flatMap((topology) => topology.bolts)
    expect(bolts.some(({ inputs }) => inputs.length > 1)).toBe(true)
    expect(bolts.some(({ operator }) => typeof operator === 'object' && operator.kind === 'dedupe')).toBe(true)
    expect(bolts.some(({ inputs }) => inputs[0]!.startsWith('bolt'))).toBe(true)
    expect(shapes.some(({ spouts }) => spouts.length > 1)).toBe(true)
  })
})
