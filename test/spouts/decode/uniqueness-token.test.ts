/** What a uniqueness token may be: anything on any log, a text of at most 64 characters where Keen's rules hold. */
import { expect, test } from 'vitest'
import { decode } from './records.ts'

const bodyWith = (token: unknown): string => JSON.stringify({ keen: { uniqueness_token: token } })
const causesOf = (tokens: readonly unknown[], limits: { readonly limits?: 'keen' }): readonly unknown[] =>
  tokens.map((token) => decode([bodyWith(token)], limits).rejects[0]?.cause)

test('a token that Keen refused is refused where its rules hold, and kept as data elsewhere', () => {
  const odd = ['x'.repeat(65), 'é'.repeat(65), 7, null, ['a']]
  expect(causesOf(odd, { limits: 'keen' })).toEqual(odd.map(() => 'InvalidPropertyValueError'))
  expect(causesOf(odd, {})).toEqual(odd.map(() => undefined))
})

test('64 characters are a token, and none is none', () => {
  expect(causesOf(['x'.repeat(64), 'é'.repeat(64), '', undefined], { limits: 'keen' })).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('the dead letter says what is wrong with it', () => {
  expect(decode([bodyWith('x'.repeat(65))], { limits: 'keen' }).rejects[0]?.message).toBe(
    'value of keen.uniqueness_token has 65 characters, at most 64 are allowed',
  )
})
