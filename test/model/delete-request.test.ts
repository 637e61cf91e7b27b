/** Which delete records are taken and which are refused, with the reason. */
import { expect, test } from 'vitest'
import { readDeleteRequest } from '../../topology/model/delete-request.ts'

test('a request without project or collection stands for the default project and every collection', () => {
  expect(readDeleteRequest({ id: 'd' })).toMatchObject({ project: 'default', collection: undefined })
  expect(readDeleteRequest({ id: 'd', project: 'ann', collection: 'old' })).toMatchObject({
    project: 'ann',
    collection: 'old',
  })
})

test.each([
  ['collection', 5],
  ['collection', null],
  ['collection', ['old']],
  ['project', 7],
  ['project', null],
])('a %s that is %j is refused, for read as absent it would delete more than was asked for (I-3)', (name, value) => {
  expect(readDeleteRequest({ id: 'd', [name]: value })).toBe(`${name} is a text`)
})
