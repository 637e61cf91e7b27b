import { expect, test } from 'vitest'
import { cellText, queryTable } from '../../topology/cli/query-table.ts'

const users = Array.from({ length: 1_200 }, (_, index) => `user-${index}`)

test('a long list of unique values begins in its cell and says how long it is', () => {
  expect(cellText(users)).toBe('["user-0","user-1","user-2","user-3",…] 1,200 in all')
  expect(cellText([users.join(), 2])).toBe('[…] 2 in all')
  const lines = queryTable([{ country: 'NZ', who: users }], ['country'], 80).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80)
})

test('a short list stands whole', () => {
  expect([cellText([]), cellText(['a', 2, null])]).toEqual(['[]', '["a",2,null]'])
})
