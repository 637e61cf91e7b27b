/** One Kafka node in KRaft mode: its files and its commands. Why each setting: defaults are slow for one node, or delete old event times. */
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ServerSettings, saslUser } from './server-kinds.ts'

export interface KafkaPorts {
  readonly port: number
  readonly controllerPort: number
  readonly saslPort: number
}

const internalTopics = ['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic']

/** The keys of server.properties that do not depend on where it runs. */
export const kafkaSettings: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  ...Object.fromEntries(
    internalTopics.flatMap((topic) => [
      [`${topic}.replication.factor`, '1'],
      [`${topic}.min.isr`, '1'],
      [`${topic}.num.partitions`, '4'],
    ]),
  ),
  // A first join would wait 3 s, and a member could not be given up before 6 s.
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  // A node that was killed registers again only when its former self has timed out.
  'broker.session.timeout.ms': '1500',
  'broker.heartbeat.interval.ms': '500',
  // Old event times would be deleted as expired, and times ahead refused.
  'log.retention.ms': '-1',
  'log.message.timestamp.after.max.ms': '9223372036854775807',
  'log.message.timestamp.before.max.ms': '9223372036854775807',
  // A topic that was deleted would come back with a client's question.
  'auto.create.topics.enable': 'false',
}

const sasl: Readonly<Record<string, string>> = {
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
  'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${saslUser.name}="${saslUser.password}";`,
  'listener.name.sasl.scram-sha-256.sasl.jaas.config':
    'org.apache.kafka.common.security.scram.ScramLoginModule required;',
}

const properties = (folder: string, { port, controllerPort, saslPort }: KafkaPorts): string => {
  const clients = `PLAINTEXT://127.0.0.1:${port},SASL://127.0.0.1:${saslPort}`
  const all = {
    ...kafkaSettings,
    ...sasl,
    'log.dirs': join(folder, 'data'),
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `${clients},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': clients,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT',
  }
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

const logging = `<Configuration status="WARN"><Appenders><Console name="out"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
<Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers></Configuration>
`

export const writeKafkaFiles = (folder: string, ports: KafkaPorts): void => {
  writeFileSync(join(folder, 'server.properties'), properties(folder, ports))
  writeFileSync(join(folder, 'log4j2.xml'), logging)
}

const jvm = (folder: string, lib: string): readonly string[] => [
  `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  `-Dlog4j2.configurationFile=${join(folder, 'log4j2.xml')}`,
  '-cp',
  join(lib, '*'),
]

/** Formats the data folder; `undefined` when that is done. */
export const kafkaFormatCommand = (folder: string, lib: string): readonly string[] | undefined => {
  if (existsSync(join(folder, 'data/meta.properties'))) return undefined
  const scram = `SCRAM-SHA-256=[name=${saslUser.name},password=${saslUser.password}]`
  // An id that begins with `-` would be taken for an option.
  const id = `A${randomBytes(16).toString('base64url').slice(1)}`
  const words = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', id, '--add-scram', scram]
  return ['java', '-XX:TieredStopAtLevel=1', ...jvm(folder, lib), ...words, '-c', join(folder, 'server.properties')]
}

export const kafkaCommand = (folder: string, lib: string, { quickBoot = true }: ServerSettings): readonly string[] => [
  'java',
  ...(quickBoot ? ['-XX:TieredStopAtLevel=1'] : []),
  ...['-Xms768m', '-Xmx768m', '-XX:+UseG1GC'],
  ...jvm(folder, lib),
  ...['kafka.Kafka', join(folder, 'server.properties')],
]
