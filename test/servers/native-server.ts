/**
 * A server as a process of its own, in a folder of its own. It outlives the process that has started it: everything
 * that is needed to signal, restart and remove it lies in that folder.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cassandraCommand, writeCassandraFiles } from './cassandra-files.ts'
import { freePorts } from './free-ports.ts'
import { installServer, type Tell } from './install-server.ts'
import { kafkaCommand, kafkaFormatCommand, writeKafkaFiles } from './kafka-files.ts'
import { disownServer } from './owned-servers.ts'
import { serverAnswered } from './server-answers.ts'
import { type Server, type ServerKind, type ServerSettings, s3Keys, serverEnv } from './server-kinds.ts'

/** What a folder keeps of its server. */
interface Kept {
  readonly kind: ServerKind
  readonly port: number
  /** Kafka: controller and SASL listener; Cassandra: storage. */
  readonly morePorts: readonly number[]
  readonly settings: ServerSettings
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

export class NativeServer implements Server {
  readonly folder: string
  readonly #kept: Kept
  readonly #tell: Tell

  private constructor(folder: string, kept: Kept, tell: Tell) {
    this.folder = folder
    this.#kept = kept
    this.#tell = tell
  }

  /** Makes the folder of a server below `parent`, installed where it must be; `restart` starts it. */
  static async make(kind: ServerKind, parent: string, settings: ServerSettings, tell: Tell): Promise<NativeServer> {
    await installServer(kind, tell)
    const [port = 0, ...morePorts] = await freePorts(3)
    const folder = join(parent, `${kind}-${port}`)
    for (const name of ['tmp', 'data']) mkdirSync(join(folder, name), { recursive: true })
    const kept = { kind, port, morePorts, settings }
    writeFileSync(join(folder, 'server.json'), JSON.stringify(kept))
    return new NativeServer(folder, kept, tell)
  }

  /** A server that this or another process has started. */
  static of(folder: string, tell: Tell = () => undefined): NativeServer | undefined {
    const text = textOf(join(folder, 'server.json'))
    return text === '' ? undefined : new NativeServer(folder, JSON.parse(text), tell)
  }

  get name(): string {
    return basename(this.folder)
  }

  get kind(): ServerKind {
    return this.#kept.kind
  }

  get port(): number {
    return this.#kept.port
  }

  get env(): Readonly<Record<string, string>> {
    return serverEnv(this.kind, this.port, this.#kept.morePorts[1])
  }

  /** The process, as long as it is this server's: numbers of processes are given again. */
  get pid(): number | undefined {
    const pid = Number(textOf(join(this.folder, 'pid')))
    return pid > 0 && commandOf(pid).includes(this.folder) ? pid : undefined
  }

  async kill(): Promise<void> {
    const pid = this.pid
    if (pid === undefined) return
    process.kill(pid, 'SIGKILL')
    while (this.pid === pid) await pause(10)
  }

  freeze(): void {
    this.#signal('SIGSTOP')
  }

  thaw(): void {
    this.#signal('SIGCONT')
  }

  async restart(): Promise<void> {
    await this.kill()
    const { kind, port, settings } = this.#kept
    const startMs = Date.now()
    const programs = await installServer(kind, this.#tell)
    const child = this.#spawn(this.#command(programs))
    const isAlive = (): boolean => child.exitCode === null && child.signalCode === null
    await serverAnswered(kind, port, settings, isAlive).catch((error) => {
      throw new Error(`${String(error)}; the end of its log:\n${textOf(join(this.folder, 'log')).slice(-3_000)}`)
    })
    this.#tell(`${kind} answers on port ${port} after ${((Date.now() - startMs) / 1_000).toFixed(1)} s`)
  }

  async stop(): Promise<void> {
    await this.kill()
    disownServer(this.name)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #command(programs: string): readonly string[] {
    const { kind, port, morePorts, settings } = this.#kept
    const [first = 0, second = 0] = morePorts
    const lib = join(programs, 'lib')
    switch (kind) {
      case 'kafka':
        writeKafkaFiles(this.folder, { port, controllerPort: first, saslPort: second })
        format(kafkaFormatCommand(this.folder, lib))
        return kafkaCommand(this.folder, lib, settings)
      case 'cassandra':
        writeCassandraFiles(this.folder, { port, storagePort: first }, settings)
        return cassandraCommand(this.folder, lib, settings)
      case 's3': {
        const words = ['--port', `127.0.0.1:${port}`, '--region', 'us-east-1', '--quiet', '--keep-alive', 'posix']
        return [join(programs, 'versitygw'), ...words, join(this.folder, 'data')]
      }
    }
  }

  #spawn([program = '', ...words]: readonly string[]): ChildProcess {
    const out = openSync(join(this.folder, 'log'), 'a')
    const env = { ...process.env, ROOT_ACCESS_KEY: s3Keys.access, ROOT_SECRET_KEY: s3Keys.secret }
    const child = spawn(program, words, { cwd: this.folder, detached: true, stdio: ['ignore', out, out], env })
    closeSync(out)
    writeFileSync(join(this.folder, 'pid'), String(child.pid))
    child.unref()
    return child
  }

  #signal(name: NodeJS.Signals): void {
    const pid = this.pid
    if (pid !== undefined) process.kill(pid, name)
  }
}

const format = (command: readonly string[] | undefined): void => {
  if (command === undefined) return
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Kafka did not format its folder: ${stdout}${stderr}`)
}

/** The command line of a process; empty when there is none (or it is a zombie). */
const commandOf = (pid: number): string => {
  if (existsSync('/proc/self/cmdline')) return textOf(`/proc/${pid}/cmdline`)
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? ''
}
