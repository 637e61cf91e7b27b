/**
 * What resources take from the environment: secrets, and what goes with them. This is the one place that knows the names
 * of the variables; a secret goes from here into the options of an adapter and nowhere else.
 *
 * Half a setting is refused by the names of its variables: a connection without the password that somebody has set would
 * fail later, with a reason that misleads. No value is ever part of a message.
 */
import { errors } from './model/errors.ts'
import { hasCredentials } from './model/shown-url.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment of the process, read when a resource is opened. */
export const processEnvironment = (): Environment => process.env

export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
export type SaslMechanism = (typeof saslMechanisms)[number]

export interface KafkaSecurity {
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string }
  readonly isEncrypted: boolean
  /** File of the authority that signed the brokers' certificates. */
  readonly authorityFile?: string
}

export const readKafkaSecurity = (env: Environment): KafkaSecurity => {
  const authorityFile = textOf(env, 'KAFKA_TLS_CA')
  const isEncrypted = readTls(env, authorityFile !== undefined)
  const [name, username, password] = allOrNone(env, [
    'KAFKA_SASL_MECHANISM',
    'KAFKA_SASL_USERNAME',
    'KAFKA_SASL_PASSWORD',
  ])
  const mechanism = saslMechanisms.find((one) => one === name?.toLowerCase())
  if (name !== undefined && mechanism === undefined)
    throw refused(`KAFKA_SASL_MECHANISM is one of ${saslMechanisms.join(', ')}`)
  const isSigned = mechanism !== undefined && username !== undefined && password !== undefined
  return {
    isEncrypted,
    ...(authorityFile === undefined ? {} : { authorityFile }),
    ...(isSigned ? { sasl: { mechanism, username, password } } : {}),
  }
}

const readTls = (env: Environment, hasAuthority: boolean): boolean => {
  const text = textOf(env, 'KAFKA_TLS')
  if (text === undefined) return hasAuthority
  if (text !== 'true' && text !== 'false') throw refused('KAFKA_TLS is true or false')
  return text === 'true'
}

export interface CassandraSecrets {
  readonly username?: string
  readonly password?: string
}

export const readCassandraSecrets = (env: Environment): CassandraSecrets => {
  const [username, password] = allOrNone(env, ['CASSANDRA_USERNAME', 'CASSANDRA_PASSWORD'])
  return username === undefined || password === undefined ? {} : { username, password }
}

export interface S3Access {
  readonly region?: string
  readonly endpoint?: string
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly sessionToken?: string
}

export interface RegistrySecrets {
  readonly username?: string
  readonly password?: string
  readonly token?: string
}

/** Of a schema registry: a user with a password, or a token. */
export const readRegistrySecrets = (env: Environment): RegistrySecrets => {
  const [username, password] = allOrNone(env, ['SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD'])
  const token = textOf(env, 'SCHEMA_REGISTRY_TOKEN')
  return {
    ...(username === undefined || password === undefined ? {} : { username, password }),
    ...(token === undefined ? {} : { token }),
  }
}

/** Without keys the client looks where it always looks: profiles, the role of the machine. */
export const readS3Access = (env: Environment): S3Access => {
  const endpoint = readEndpoint(env)
  const region = textOf(env, 'AWS_REGION') ?? textOf(env, 'AWS_DEFAULT_REGION')
  const [accessKeyId, secretAccessKey] = allOrNone(env, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
  const sessionToken = textOf(env, 'AWS_SESSION_TOKEN')
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined ? {} : { accessKeyId, secretAccessKey }),
    ...(accessKeyId === undefined || sessionToken === undefined ? {} : { sessionToken }),
  }
}

const readEndpoint = (env: Environment): string | undefined => {
  const name = textOf(env, 'AWS_ENDPOINT_URL_S3') === undefined ? 'AWS_ENDPOINT_URL' : 'AWS_ENDPOINT_URL_S3'
  const text = textOf(env, name)
  if (text === undefined) return undefined
  if (hasCredentials(text))
    throw refused(
      `${name}: a user and a password do not stand in a URL: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`,
    )
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw refused(`${name} is a URL: https://host or http://host:9000`)
  return text
}

const refused = (problem: string): Error => errors.badConfiguration({ problem })

/** An empty variable is one that is not set. */
const textOf = (env: Environment, name: string): string | undefined => env[name] || undefined

/** Values that only make sense together. */
const allOrNone = (env: Environment, names: readonly string[]): readonly (string | undefined)[] => {
  const values = names.map((name) => textOf(env, name))
  const missing = names.filter((_, index) => values[index] === undefined)
  if (missing.length === 0 || missing.length === names.length) return values
  const present = names.filter((name) => !missing.includes(name))
  throw refused(
    `the environment has ${present.join(' and ')} but not ${missing.join(' and ')}: all of them are set, or none`,
  )
}
