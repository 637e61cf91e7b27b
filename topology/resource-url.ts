/**
 * What a resource's URL says, as plain data. Opens nothing and reads no environment, so everything that is wrong with a
 * URL is known before anything is connected; secrets have no place in it and are refused without being repeated.
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errors } from './model/errors.ts'
import { partitionMax } from './model/limits.ts'
import { nearestName } from './model/nearest-name.ts'
import { hasCredentials, shownUrl } from './model/shown-url.ts'
import { messageOf } from './model/spillway-error.ts'
import { readServerAddresses } from './server-addresses.ts'

export type ResourceName = 'log' | 'rows' | 'objects'

export type LogPlace =
  | { readonly scheme: 'memory'; readonly partitions?: number }
  | { readonly scheme: 'file'; readonly path: string; readonly partitions?: number; readonly retentionMs?: number }
  | KafkaPlace

export interface KafkaPlace {
  readonly scheme: 'kafka'
  readonly brokers: readonly string[]
  readonly topic: string
}

export type RowsPlace =
  | { readonly scheme: 'memory' }
  | { readonly scheme: 'sqlite'; readonly path: string }
  | CassandraPlace

export interface CassandraPlace {
  readonly scheme: 'cassandra'
  readonly contactPoints: readonly string[]
  readonly keyspace: string
  readonly dataCenter?: string
  readonly ttlSeconds?: number
}

export type ObjectsPlace = { readonly scheme: 'memory' } | { readonly scheme: 'file'; readonly path: string } | S3Place

export interface S3Place {
  readonly scheme: 's3'
  readonly bucket: string
  /** Without slashes around it; empty for the whole bucket. */
  readonly prefix: string
  readonly encryption?: { readonly algorithm: Encryption; readonly kmsKeyId?: string }
}

/** Server-side encryption, in the words of S3. */
const encryptions = ['AES256', 'aws:kms'] as const
type Encryption = (typeof encryptions)[number]

interface SchemeRule {
  /** How such a URL is written. */
  readonly form: string
  readonly parameters: readonly string[]
}

const rules: Readonly<Record<ResourceName, Readonly<Record<string, SchemeRule>>>> = {
  log: {
    file: { form: 'file:FOLDER', parameters: ['partitions', 'retention'] },
    kafka: { form: 'kafka://host:9092/topic', parameters: [] },
    memory: { form: 'memory:', parameters: ['partitions', 'retention'] },
  },
  rows: {
    sqlite: { form: 'sqlite:FILE', parameters: [] },
    cassandra: { form: 'cassandra://host:9042/keyspace', parameters: ['dc', 'ttl'] },
    memory: { form: 'memory:', parameters: [] },
  },
  objects: {
    file: { form: 'file:FOLDER', parameters: [] },
    s3: { form: 's3://bucket/prefix', parameters: ['encryption', 'kmsKey'] },
    memory: { form: 'memory:', parameters: [] },
  },
}

/** Where the secrets of a scheme stand. */
const secretVariables: Readonly<Record<string, string>> = {
  kafka: 'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
  cassandra: 'CASSANDRA_USERNAME and CASSANDRA_PASSWORD',
  s3: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
}

/** What is wrong with a URL, `undefined` when it can be opened as far as its text shows. Opens nothing. */
export const resourceUrlProblem = (resource: ResourceName, url: string): string | undefined => {
  try {
    readers[resource](url)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

export const readLogUrl = (url: string): LogPlace => {
  const read = splitUrl('log', url)
  const { scheme, query, refuse } = read
  if (scheme === 'kafka') {
    const { hosts, path } = serversOf(read, 9_092, 'topic')
    if (!/^[\w.-]{1,249}$/.test(path) || path === '.' || path === '..')
      throw refuse('a topic is 1 to 249 letters, digits, dots, - and _')
    return read.checked({ scheme, brokers: hosts, topic: path })
  }
  const partitions = readPartitions(read, query.get('partitions'))
  const retentionMs = readSpan(read, 'retention', query.get('retention'))
  const counted = partitions === undefined ? {} : { partitions }
  if (scheme === 'memory') return read.checked({ scheme, ...counted })
  const path = pathOf(read)
  return read.checked({ scheme: 'file', path, ...counted, ...(retentionMs === undefined ? {} : { retentionMs }) })
}

export const readRowsUrl = (url: string): RowsPlace => {
  const read = splitUrl('rows', url)
  const { scheme, query, refuse, note } = read
  if (scheme === 'memory') return read.checked({ scheme })
  if (scheme === 'sqlite') return read.checked({ scheme, path: pathOf(read) })
  const ttlMs = readSpan(read, 'ttl', query.get('ttl'))
  if (ttlMs !== undefined && ttlMs < 1_000) note('ttl is at least 1s')
  const dataCenter = query.get('dc')
  if (dataCenter === '') note('dc names no data centre')
  const { hosts, path } = serversOf(read, 9_042, 'keyspace')
  if (!/^[a-z]\w{0,47}$/i.test(path))
    throw refuse('a keyspace is 1 to 48 letters, digits and _, and begins with a letter')
  return read.checked({
    scheme: 'cassandra',
    contactPoints: hosts,
    keyspace: path,
    ...(dataCenter === null ? {} : { dataCenter }),
    ...(ttlMs === undefined ? {} : { ttlSeconds: Math.floor(ttlMs / 1_000) }),
  })
}

export const readObjectsUrl = (url: string): ObjectsPlace => {
  const read = splitUrl('objects', url)
  const { scheme, rest, refuse } = read
  if (scheme === 'memory') return read.checked({ scheme })
  if (scheme === 'file') return read.checked({ scheme, path: pathOf(read) })
  const encryption = readEncryption(read)
  const [bucket = '', ...folders] = withoutSlashes(read).replace(/\/$/, '').split('/')
  if (bucket === '') throw refuse('names no bucket')
  if (/:\d+$/.test(bucket))
    throw refuse('begins with the bucket; a host and a port stand in AWS_ENDPOINT_URL_S3, as http://host:9000')
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw refuse('a bucket is 3 to 63 lower-case letters, digits, dots and -')
  if (folders.some((name) => name === '' || name === '.' || name === '..'))
    throw refuse(`the prefix ${JSON.stringify(rest.slice(bucket.length + 3))} has an empty part, . or ..`)
  return read.checked({ scheme: 's3', bucket, prefix: folders.join('/'), ...encryption })
}

const readEncryption = ({ query, note }: SplitUrl): Pick<S3Place, 'encryption'> => {
  const [text, kmsKeyId] = [query.get('encryption'), query.get('kmsKey')]
  const algorithm = encryptions.find((one) => one === text)
  if (text !== null && algorithm === undefined) note(`encryption is ${encryptions.join(' or ')}`)
  if (kmsKeyId !== null && (algorithm !== 'aws:kms' || kmsKeyId === ''))
    note('kmsKey names a key beside encryption=aws:kms')
  if (algorithm === undefined) return {}
  return { encryption: { algorithm, ...(kmsKeyId === null ? {} : { kmsKeyId }) } }
}

const readers: Readonly<Record<ResourceName, (url: string) => unknown>> = {
  log: readLogUrl,
  rows: readRowsUrl,
  objects: readObjectsUrl,
}

interface SplitUrl {
  readonly scheme: string
  readonly form: string
  readonly rest: string
  readonly query: URLSearchParams
  /** Adds a problem of a parameter; all of them are told together. */
  readonly note: (problem: string) => void
  /** An error that begins with the URL as it may be shown, and tells what was noted as well. */
  readonly refuse: (problem: string) => Error
  /** Throws what was noted. */
  readonly checked: <Place>(place: Place) => Place
}

const splitUrl = (resource: ResourceName, url: string): SplitUrl => {
  const known = rules[resource]
  const notes: string[] = []
  const errorOf = (problems: readonly string[]): Error =>
    errors.badConfiguration({ problem: `${resource} ${JSON.stringify(shownUrl(url))}: ${problems.join('; also: ')}` })
  const refuse = (problem: string): Error => errorOf([problem, ...notes])
  const schemes = Object.keys(known)
  const there = listOf(schemes.map((scheme) => `${scheme}:`))
  const match = /^([a-z][a-z0-9+.-]*):([^?]*)(?:\?(.*))?$/s.exec(url)
  const [, scheme = '', rest = '', search = ''] = match ?? []
  const rule = Object.hasOwn(known, scheme) ? known[scheme] : undefined
  if (match === null) throw refuse(`is no URL; it begins with ${there}`)
  if (rule === undefined) throw refuse(`there is no ${scheme}: here, only ${there}${suggestion(scheme, schemes)}`)
  const variables = secretVariables[scheme]
  if (variables !== undefined && hasCredentials(url))
    throw refuse(`a user and a password do not stand in a URL: set ${variables} in the environment`)
  const query = new URLSearchParams(search)
  for (const name of new Set(query.keys())) {
    if (!rule.parameters.includes(name)) notes.push(parameterProblem(scheme, name, rule))
    else if (query.getAll(name).length > 1) notes.push(`${name} stands there twice`)
  }
  return {
    ...{ scheme, form: rule.form, rest, query, refuse },
    note: (problem) => void notes.push(problem),
    checked: (place) => {
      if (notes.length > 0) throw errorOf(notes)
      return place
    },
  }
}

const suggestion = (written: string, known: readonly string[]): string => {
  const nearest = nearestName(written, known)
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}

const parameterProblem = (scheme: string, name: string, { parameters }: SchemeRule): string => {
  if (scheme === 'kafka' && name === 'partitions')
    return 'a topic has its partitions already; `topology init --topic --partitions N` makes one with N'
  const known = parameters.length === 0 ? 'it takes none' : `it takes ${listOf(parameters)}`
  const shown = /^\w{1,40}$/.test(name) ? ` ${JSON.stringify(name)}` : ''
  return `unknown parameter${shown}; ${known}${suggestion(name, parameters)}`
}

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

const withoutSlashes = ({ rest, form, refuse }: SplitUrl): string => {
  if (rest.startsWith('//')) return rest.slice(2)
  throw refuse(`is written ${form}`)
}

/** Hosts in front of the slash, and the one name behind it. */
const serversOf = (
  read: SplitUrl,
  usualPort: number,
  what: string,
): { readonly hosts: readonly string[]; readonly path: string } => {
  const [authority = '', path = '', ...more] = withoutSlashes(read).split('/')
  const hosts = readServerAddresses(authority, usualPort)
  if ('problem' in hosts) throw read.refuse(hosts.problem)
  if (path === '') throw read.refuse(`names no ${what}: it is written ${read.form}`)
  if (more.some((part) => part !== '')) throw read.refuse(`has more than a ${what} behind the host`)
  return { hosts, path }
}

const pathOf = ({ rest, refuse }: SplitUrl): string => {
  if (rest === '' || rest === '//') throw refuse('names no path')
  if (!rest.startsWith('//')) return resolve(rest)
  try {
    return fileURLToPath(`file:${rest}`)
  } catch {
    throw refuse('names a path of another machine; three slashes begin an absolute path')
  }
}

type Notes = Pick<SplitUrl, 'note'>

const readPartitions = ({ note }: Notes, text: string | null): number | undefined => {
  if (text === null) return undefined
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || count > partitionMax) note(`partitions is a whole number from 1 to ${partitionMax}`)
  return count
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const readSpan = ({ note }: Notes, name: string, text: string | null): number | undefined => {
  if (text === null) return undefined
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? []
  const factor = unitMs[unit]
  if (factor !== undefined) return Number(count) * factor
  note(`${name} is a number and a unit: 30m, 12h, 7d`)
  return undefined
}
