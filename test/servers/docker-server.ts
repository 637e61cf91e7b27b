/**
 * A server as a container, where Docker answers. Ports are fixed, since Kafka's advertised listener must name its own
 * and a restart must keep it. `up` leaves containers running, so the reaper of testcontainers stays away.
 */
import { spawnSync } from 'node:child_process'
import type { GenericContainer } from 'testcontainers'
import { freePorts } from './free-ports.ts'
import type { Tell } from './install-server.ts'
import { kafkaSettings } from './kafka-files.ts'
import { serverAnswered } from './server-answers.ts'
import { type Server, type ServerKind, type ServerSettings, s3Keys, serverEnv } from './server-kinds.ts'

const docker = (...words: readonly string[]): boolean => spawnSync('docker', words, { timeout: 60_000 }).status === 0

export const dockerAnswers = (): boolean => spawnSync('docker', ['info'], { timeout: 10_000 }).status === 0

/** What is kept of one. */
export interface KeptContainer {
  readonly kind: ServerKind
  readonly port: number
  readonly container: string
  readonly settings: ServerSettings
}

export class DockerServer implements Server {
  readonly kept: KeptContainer

  constructor(kept: KeptContainer) {
    this.kept = kept
  }

  static async start(kind: ServerKind, settings: ServerSettings, tell: Tell): Promise<DockerServer> {
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
    const { GenericContainer } = await import('testcontainers')
    const [port = 0] = await freePorts(1)
    const container = await containers[kind](GenericContainer, port, settings).start()
    const server = new DockerServer({ kind, port, container: container.getId(), settings })
    await serverAnswered(kind, port, settings, () => true)
    tell(`${kind} answers on port ${port} (container)`)
    return server
  }

  get kind(): ServerKind {
    return this.kept.kind
  }

  get port(): number {
    return this.kept.port
  }

  get env(): Readonly<Record<string, string>> {
    return serverEnv(this.kind, this.port)
  }

  get isRunning(): boolean {
    const words = ['inspect', '-f', '{{.State.Running}}', this.kept.container]
    return spawnSync('docker', words, { encoding: 'utf8' }).stdout?.trim() === 'true'
  }

  kill(): Promise<void> {
    docker('kill', this.kept.container)
    return Promise.resolve()
  }

  freeze(): void {
    docker('pause', this.kept.container)
  }

  thaw(): void {
    docker('unpause', this.kept.container)
  }

  async restart(): Promise<void> {
    await this.kill()
    docker('start', this.kept.container)
    await serverAnswered(this.kind, this.port, this.kept.settings, () => this.isRunning)
  }

  stop(): Promise<void> {
    docker('rm', '-f', '-v', this.kept.container)
    return Promise.resolve()
  }
}

type Container = typeof GenericContainer

/** Keys of server.properties as the image takes them. */
export const kafkaVariables = (settings: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value]),
  )

const kafkaContainer = (Container: Container, port: number): GenericContainer => {
  const settings = {
    ...kafkaSettings,
    // One variable of the image drops its own file, so all keys are given.
    'log.dirs': '/var/lib/kafka/data',
    'controller.quorum.voters': '1@localhost:9093',
    listeners: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  }
  return new Container('apache/kafka:4.4.0')
    .withEnvironment(kafkaVariables(settings))
    .withExposedPorts({ container: port, host: port })
}

// The image has no variable for these, so they are written before its own start script.
const cassandraContainer = (Container: Container, port: number, settings: ServerSettings): GenericContainer => {
  const changes = [
    's/^authenticator:.*/authenticator: PasswordAuthenticator/',
    's/^authorizer:.*/authorizer: CassandraAuthorizer/',
  ]
  const edits = [
    ...(settings.commitlogSync === 'periodic'
      ? []
      : ['s/^commitlog_sync: periodic/commitlog_sync: batch/', '/^commitlog_sync_period/d']),
    ...(settings.passwords === true ? changes : []),
  ]
  const edit = edits.length === 0 ? 'true' : `sed -i -r '${edits.join(';')}' /etc/cassandra/cassandra.yaml`
  return new Container('cassandra:5.0')
    .withEnvironment({ MAX_HEAP_SIZE: '1G', HEAP_NEWSIZE: '256M', CASSANDRA_NUM_TOKENS: '1' })
    .withCommand(['bash', '-c', `${edit} && exec docker-entrypoint.sh cassandra -f`])
    .withExposedPorts({ container: 9042, host: port })
}

// Where the image keeps its program has changed, and its own file system has what the back end needs.
const gateway = 'mkdir -p /data && exec "$(command -v versitygw || echo /app/versitygw)"'
const s3Container = (Container: Container, port: number): GenericContainer =>
  new Container('versity/versitygw:v1.8.0')
    .withEnvironment({ ROOT_ACCESS_KEY: s3Keys.access, ROOT_SECRET_KEY: s3Keys.secret })
    .withEntrypoint(['sh', '-c', `${gateway} --port :7070 --region us-east-1 --quiet --keep-alive posix /data`])
    .withExposedPorts({ container: 7070, host: port })

const containers = { kafka: kafkaContainer, cassandra: cassandraContainer, s3: s3Container } as const
