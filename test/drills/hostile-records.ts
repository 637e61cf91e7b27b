/** Records that are no events, each with the cause that its dead letter must carry. */
import type { NewRecord } from 'spillway'

const deep = 2_000

/** Lines as a file may hold them: name, bytes, public error name. */
export const badLines: readonly (readonly [name: string, line: string | Uint8Array, cause: string])[] = [
  ['bad JSON', '{"a":1,}', 'InvalidEventError'],
  ['two values', '{"a":1}{"b":2}', 'InvalidEventError'],
  ['cut off', '{"a":{"b":[1,2', 'InvalidEventError'],
  ['bad UTF-8', Buffer.from('{"a":"\u00c3("}', 'latin1'), 'InvalidEventError'],
  ['a raw control character', '{"a":"\u0001"}', 'InvalidEventError'],
  ['a text', '"text"', 'InvalidEventError'],
  ['null', 'null', 'InvalidEventError'],
  ['a list', '[{"a":1}]', 'InvalidEventError'],
  ['a number', '5', 'InvalidEventError'],
  ['lists 2,000 deep', `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'InvalidEventError'],
  ['objects 2,000 deep', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`, 'InvalidEventError'],
  ['keen.id of a client', '{"keen":{"id":"x"}}', 'InvalidKeenNamespaceProperty'],
  ['keen.created_at of a client', '{"keen":{"created_at":"2026-01-01"}}', 'InvalidKeenNamespaceProperty'],
  ['an unknown keen property', '{"keen":{"mood":1}}', 'InvalidKeenNamespaceProperty'],
  ['keen as a number', '{"keen":5}', 'NamespaceTypeError'],
  ['keen as a list', '{"keen":[]}', 'NamespaceTypeError'],
  ['keen as null', '{"keen":null}', 'NamespaceTypeError'],
  ['a time that is none', '{"keen":{"timestamp":"soon"}}', 'InvalidPropertyValueError'],
  ['a time as a number', '{"keen":{"timestamp":5}}', 'InvalidPropertyValueError'],
  ['a number beyond doubles', '{"a":1e400}', 'InvalidPropertyValueError'],
]

export const longLine = JSON.stringify({ a: 'x'.repeat(1_048_576) })

const emoji = '\u{1f600}'
const long = 'x'.repeat(300)

export const badCollections = ['../x', long, emoji, '', '.', '..', '_a', 'a$b', 'a\u0000b', '.spillway~', 'a.']
/** Names that look dangerous and are not, once encoded. */
export const oddCollections = ['a/b', '-', 'C:\\x', '%2e%2e']
export const badProjects = [long, '', '.', '..', 'a\u0000b', emoji.repeat(22)]
/** Project to its part of an object key: percent-encoded outside `A-Za-z0-9._-`. */
export const oddProjects: Readonly<Record<string, string>> = {
  '../x': '..%2Fx',
  '../../../x': '..%2F..%2F..%2Fx',
  '/x': '%2Fx',
  'a/b': 'a%2Fb',
  'a%2Fb': 'a%252Fb',
  '...': '...',
  '.spillway~': '.spillway%7E',
  [emoji]: '%F0%9F%98%80',
  [long.slice(0, 255)]: long.slice(0, 255),
}

/** A good event under the given names. */
export const namedRecord = (project: string, collection: string): NewRecord => ({
  key: null,
  headers: [
    ['project', project],
    ['collection', collection],
  ],
  value: Buffer.from('{"a":1}'),
})
