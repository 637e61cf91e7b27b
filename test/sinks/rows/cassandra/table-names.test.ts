/** Names of tables as Cassandra takes them, and back. */
import { expect, test } from 'vitest'
import { declaredName, tableNameOf } from '../../../../sinks/rows/cassandra/table-names.ts'

test.each([
  ['hourly', 'hourly'],
  ['hourly@test', 'hourlyX40test'],
  ['Hourly', 'X48ourly'],
  ['größe', 'grXc3Xb6Xc3X9fe'],
  ['select "from"', 'selectX20X22fromX22'],
  ['a.b-c_1', 'aX2ebX2dc_1'],
])('%s becomes %s and is read back', (name, coded) => {
  expect(declaredName(tableNameOf(name))).toBe(name)
  expect(tableNameOf(name)).toBe(coded)
  expect(tableNameOf(name)).toMatch(/^[a-zA-Z0-9_]{1,48}$/)
})

test('names that are too long keep their beginning, fit, and stay apart', () => {
  const names = ['a', 'b'].map((end) => `${'events_of_a_rather_long_name@'.repeat(4)}${end}`)
  const [one, other] = names.map(tableNameOf)
  expect(one).toMatch(/^events_of_a_rather_long_nameX40H[0-9a-f]{16}$/)
  expect(other).not.toBe(one)
  expect(declaredName(one!)).toBeUndefined()
})

test('no name is cut inside a coded byte', () => {
  for (let length = 20; length < 40; length += 1) {
    expect(tableNameOf(`${'a'.repeat(length)}${'@'.repeat(30)}`)).toMatch(/^(?:[a-z0-9_]|X[0-9a-f]{2})+H[0-9a-f]{16}$/)
  }
})
