import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { type AuditEntry, auditTable, readAudit, writeAudit } from '../../../sinks/rows/audit.ts'

const entry = (atMs: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ topology: 'shop', atMs, kind: 'knob', name: 'epoch.ageMs', author: 'ann', before: '1000', after: '5000' },
  ...{ reason: 'why not', untilMs: null },
  ...more,
})
const january = Date.UTC(2026, 0, 31, 23)
const march = Date.UTC(2026, 2, 1)

test('D3: the change log tells everything over months, the newest last, and each change once', async () => {
  const rows = createMemoryRows()
  await rows.ensureTable(auditTable)
  const all = [entry(january), entry(january + 1, { untilMs: march }), entry(march), entry(march, { author: 'bob' })]
  for (const one of [...all, all[2]!, entry(march, { topology: 'other' })]) await writeAudit(rows, one)
  expect(await readAudit(rows, 'shop', { nowMs: march + 1, limit: 10 })).toEqual(all)
  expect(await readAudit(rows, 'shop', { nowMs: march + 1, limit: 2 })).toEqual(all.slice(2))
  expect(await readAudit(rows, 'shop', { nowMs: march + 1, limit: 10, sinceMs: january + 1 })).toEqual(all.slice(1))
  expect(await readAudit(rows, 'shop', { nowMs: march + 500 * 86_400_000, limit: 10 })).toEqual([])
})

test('a log that has grown for long is read by its end, in bounded memory', async () => {
  const rows = createMemoryRows()
  await rows.ensureTable(auditTable)
  for (let index = 0; index < 300; index++) await writeAudit(rows, entry(march + index))
  const found = await readAudit(rows, 'shop', { nowMs: march + 1_000, limit: 7 })
  expect(found.map(({ atMs }) => atMs - march)).toEqual([293, 294, 295, 296, 297, 298, 299])
})
