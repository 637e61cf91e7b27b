/** `npm run servers up|down|status|env`: the servers that tests of this machine share. */
import { parseArgs } from 'node:util'
import type { Server } from './server-kinds.ts'
import { sharedServers, sharedServersDown, sharedServersUp } from './shared-servers.ts'
import { envOf } from './start-servers.ts'

const usage = `npm run servers up      starts Kafka, Cassandra and an S3 server, installed where they must be (--periodic: for benchmarks)
npm run servers down    stops them and removes their data
npm run servers status  says which of them answer
npm run servers env     prints the variables by which tests and programs find them, for \`eval\``

const tell = (line: string): void => void process.stderr.write(`servers: ${line}\n`)
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const printEnv = (servers: readonly Server[]): void => {
  for (const [name, value] of Object.entries(envOf(servers))) print(`export ${name}=${value}`)
}

const status = async (): Promise<void> => {
  for (const { kind, server, answers } of await sharedServers()) {
    if (!answers) process.exitCode = 1
    const place = server === undefined ? '' : ` on 127.0.0.1:${server.port}`
    print(`${kind}: ${answers ? 'answers' : server === undefined ? 'not started' : 'does not answer'}${place}`)
  }
}

const commands: Readonly<Record<string, (isPeriodic: boolean) => Promise<void>>> = {
  up: async (isPeriodic) =>
    printEnv(await sharedServersUp(tell, isPeriodic ? { commitlogSync: 'periodic', quickBoot: false } : {})),
  down: sharedServersDown,
  status,
  env: async () =>
    printEnv((await sharedServers()).flatMap(({ server, answers }) => (answers && server ? [server] : []))),
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { periodic: { type: 'boolean' } } })
const command = commands[positionals[0] ?? '']
if (command === undefined) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  await command(values.periodic ?? false).catch((error: unknown) => {
    tell(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
