import { describe, expect, test } from 'vitest'
import { ledgerChanges } from '../../../../topology/testing/simulation/report/ledger-changes.ts'
import { LedgerNotes } from '../../../../topology/testing/simulation/report/ledger-notes.ts'
import { commit, declare, granted, withSinks } from '../../../engine/ledger/given-documents.ts'

const rows = withSinks({ totals: 'rows' })
const declared = granted(rows, declare(rows, 0, 5))
const key = { topology: 'orders', spout: 'events', partition: 0 }

describe('what a compare-and-set has changed is told', () => {
  test('for an epoch that is declared, and committed', () => {
    expect(ledgerChanges(rows, declared)).toEqual(['declares epoch 1 of totals, lane 0, slot 0: [0, 5)'])
    expect(ledgerChanges(declared, granted(declared, commit(declared, 0)))).toEqual([
      'commits epoch 1 of totals, lane 0, slot 0: [0, 5)',
    ])
  })

  test('for lanes that are cut and opened', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [1] })
    expect(ledgerChanges(rows, cut)).toEqual(['cuts lane 0 of totals at 4', 'opens lane 1 of totals, slot 1: [4, ...)'])
  })

  test('for the first document and new sinks', () => {
    expect(ledgerChanges(undefined, rows)).toEqual(['writes the first document: lane 0 of totals [0, ...)'])
    expect(ledgerChanges({ ...rows, sinks: {}, lanes: {} }, rows)).toEqual([
      'opens lane 0 of totals, slot 0: [0, ...)',
      'adds the sink totals: [0, ...)',
    ])
  })

  test('for dead letters, and for rules that no sentence knows', () => {
    const skipped = granted(rows, { kind: 'deadLetter', sinks: ['totals'], offsets: [3], tenants: ['ann'] })
    expect(ledgerChanges(rows, skipped)).toEqual(['dead-letters for totals: [3, 4) by now'])
    expect(ledgerChanges(rows, { ...rows, rules: rows.rules + 1 })).toEqual([`raises rules to ${rows.rules + 1}`])
  })

  test('against the document that its writer had seen', () => {
    const notes = new LedgerNotes()
    notes.saw(key, rows)
    expect(notes.told(key, rows.ver, declared, 'no answer')).toBe(
      `declares epoch 1 of totals, lane 0, slot 0: [0, 5) (no answer) [events 0, version ${declared.ver}]`,
    )
    expect(notes.told(key, declared.ver, { ...declared, ver: declared.ver + 1 }, 'applied')).toMatch(/^notes progress /)
  })
})
