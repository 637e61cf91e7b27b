import { expect, test } from 'vitest'
import { log } from '../../topology/declare/log.ts'
import type { LogOptions } from '../../topology/model/topology.ts'
import { refused, said } from './refused.ts'
import { keepEvents } from './shop-parts.ts'

const problemsOf = (options: unknown): readonly string[] =>
  said(
    refused((t) => {
      const given = options as LogOptions // what a file without types may hold
      t.spout('events', log(given)).sink('events', keepEvents())
    }),
  )

test.each([
  [{}],
  [{ project: 'acme', collection: 'purchases' }],
  [{ tenant: { key: true }, collection: { header: 'collection' }, time: 'date', from: '2024-05-01' }],
  [{ project: { path: 'org.name' }, time: { path: 'ts', unit: 's' }, from: 'latest', tombstones: 'delete' }],
  [{ log: 'file:./log', clientId: 'order."no.1"', limits: 'keen', datetimes: ['at', 'a.b'], collection: undefined }],
  [{ format: 'avro', schemas: 'schemas' }],
  [{ format: 'avro', registry: 'https://registry.example:8081/base' }],
  [{ format: 'json' }],
])('options %j are accepted', (options) => {
  expect(problemsOf(options)).toEqual([])
})

test.each([
  [{ colection: 'a' }, 'log() has no option "colection" (did you mean "collection"?)'],
  [
    { shape: 'a' },
    'log() has no option "shape" (known: log, project, tenant, collection, time, lateness, clientId, from, tombstones, format, schemas, registry, limits, datetimes)',
  ],
  [{ collection: '_a' }, 'collection "_a" starts with _'],
  [{ collection: 'a$' }, 'collection "a$" holds a $'],
  [{ project: '..' }, 'project ".." cannot be a part of an object key'],
  [{ project: 5 }, 'project is a constant, { header: "name" }, { key: true } or { path: "a.b" }'],
  [
    { project: { key: true, header: 'a' } },
    'project is a constant, { header: "name" }, { key: true } or { path: "a.b" }, one of them',
  ],
  [{ project: { haeder: 'a' } }, 'project cannot come from "haeder" (did you mean "header"?)'],
  [{ project: { key: 'yes' } }, 'project has the record key as { key: true }'],
  [{ project: { header: '' } }, 'project needs the name of a header'],
  [
    { collection: { path: 'a..b' } },
    'collection "a..b" is not a path (join names by dots; a name with a dot in it is a JSON string: a."b.c")',
  ],
  [{ time: { path: 'a', unit: 'us' } }, 'time has the unit "ms" or "s", not "us"'],
  [{ time: { path: 'a', units: 's' } }, 'time has no "units" (did you mean "unit"?)'],
  [{ from: 'latset' }, 'from is "earliest", "latest" or an ISO 8601 time, not "latset" (did you mean "latest"?)'],
  [{ from: '2024-13-01' }, 'from is "earliest", "latest" or an ISO 8601 time, not "2024-13-01"'],
  [{ format: 'avor' }, 'format is "json" or "avro", not "avor"'],
  [{ format: 'avro', schemas: '' }, 'schemas is the path of a folder of .avsc files'],
  [
    { format: 'avro' },
    'format "avro" needs schemas (write schemas: "FOLDER" for single-object encoding, registry: "URL" for the Confluent wire format)',
  ],
  [
    { format: 'avro', schemas: 'a', registry: 'http://a' },
    'schemas and registry are two formats (write schemas: "FOLDER" for single-object encoding, registry: "URL" for the Confluent wire format)',
  ],
  [{ schemas: 'a' }, 'schemas and registry are for records in Avro (add format: "avro")'],
  [
    { format: 'avro', registry: 'localhost:8081' },
    'registry is the URL of a schema registry (write "http://localhost:8081")',
  ],
  [
    { format: 'avro', registry: 'http://localhost:8081?token=abc' },
    'registry is the URL of a schema registry (write "http://localhost:8081")',
  ],
  [
    { format: 'avro', registry: 'http://ann:secret@localhost:8081' },
    'registry has a user or a password in it (set SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD)',
  ],
  [{ tombstones: true }, 'tombstones is "delete" or "ignore", not true'],
  [{ datetimes: 'at' }, 'datetimes is a list of paths (write ["ordered_at"])'],
  [{ clientId: 5 }, 'clientId is a path, written as a text (write "user.id")'],
  [{ log: '' }, 'log is the URL or the name of a log'],
  [{ log: 'kafka://ann:hunter2@host/topic' }, 'log has a user or a password in it (secrets stand in the environment)'],
])('options %j are refused with the reason', (options, text) => {
  expect(problemsOf(options)).toEqual([`spout events: ${text}`])
})

test('project and its other name tenant are not given together; all problems come at once', () => {
  expect(problemsOf({ project: 'a', tenant: 'b', limits: 'keeen' })).toEqual([
    'spout events: limits is "keen", not "keeen"',
    'spout events: project and tenant are two names of one option (keep one)',
  ])
})
