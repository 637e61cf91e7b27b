/**
 * Brings the programs of the servers from the package registries into a cache folder outside of the checkout: jars by
 * Maven, the object server by Go. Each comes into a folder of its own that appears whole, so several processes may
 * install at once.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type ServerKind, serverKinds } from './server-kinds.ts'

export type Tell = (line: string) => void

export const serverCache = (): string => {
  const { SPILLWAY_SERVERS_CACHE: own, XDG_CACHE_HOME: caches } = process.env
  const folder = own ?? join(caches ?? join(homedir(), '.cache'), 'spillway-servers')
  mkdirSync(folder, { recursive: true })
  return folder
}

const names = { kafka: 'kafka-4.4.0', cassandra: 'cassandra-5.0.9', s3: 'versitygw-1.8.0' } as const

const exclusion = (group: string, artifact: string): string =>
  `<exclusions><exclusion><groupId>${group}</groupId><artifactId>${artifact}</artifactId></exclusion></exclusions>`
const dependency = (group: string, artifact: string, version: string, more = ''): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</dependency>`

const jars = {
  kafka: [
    // The pom of 4.4.0 names tools-api, which was never published and is not needed; and no binding for its logger.
    dependency('org.apache.kafka', 'kafka_2.13', '4.4.0', exclusion('org.apache.kafka', 'kafka-tools-api')),
    dependency('org.apache.logging.log4j', 'log4j-core', '2.25.5'),
    dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.5'),
  ],
  cassandra: [dependency('org.apache.cassandra', 'cassandra-all', '5.0.9')],
} as const

const pom = (dependencies: readonly string[]): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>spillway.test</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
  <build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version></plugin></plugins></build>
</project>
`

const needed = {
  kafka: { java: 'a JDK 17', mvn: 'Maven 3.8 or newer' },
  cassandra: { java: 'a JDK 17', mvn: 'Maven 3.8 or newer' },
  s3: { go: 'Go 1.25 or newer (older ones fetch it themselves)' },
} as const

/** Programs that must be installed first, for people; none when everything is there. */
export const missingPrograms = (kinds: readonly ServerKind[] = serverKinds): readonly string[] => {
  const missing = new Map<string, string>()
  for (const kind of kinds)
    for (const [program, what] of Object.entries(needed[kind])) {
      // Java is needed at any time; what only installs is not when the cache has it.
      if (program !== 'java' && existsSync(join(serverCache(), names[kind]))) continue
      if (spawnSync(program, [program === 'go' ? 'version' : '-version']).status !== 0)
        missing.set(program, `\`${program}\` is missing: install ${what}`)
    }
  return [...missing.values()]
}

let mavenQueue: Promise<unknown> = Promise.resolve()

const inMavenQueue = (work: () => Promise<void>): Promise<void> => {
  const done = mavenQueue.then(work)
  mavenQueue = done.catch(() => undefined)
  return done
}

/** Gives the folder of the jars or of the program. */
export const installServer = async (kind: ServerKind, tell: Tell): Promise<string> => {
  const folder = join(serverCache(), names[kind])
  if (existsSync(folder)) return folder
  tell(`installing ${names[kind]} into ${serverCache()}${kind === 's3' ? ' (one to two minutes)' : ''}`)
  const temporary = mkdtempSync(join(serverCache(), 'installing-'))
  try {
    if (kind === 's3') await buildGateway(temporary)
    // Two Mavens at once may damage a repository that is still empty.
    else await inMavenQueue(() => copyJars(kind, temporary))
    renameSync(temporary, folder)
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return folder
}

const copyJars = async (kind: 'kafka' | 'cassandra', folder: string): Promise<void> => {
  writeFileSync(join(folder, 'pom.xml'), pom(jars[kind]))
  const options = ['-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'lib')}`]
  await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', ...options], folder)
}

const buildGateway = (folder: string): Promise<void> => {
  const program = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'
  return run('go', ['install', '-trimpath', '-ldflags', '-s -w', program], folder, { CGO_ENABLED: '0', GOBIN: folder })
}

const run = (
  program: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${words[0]} ended with ${code}:\n${said.slice(-2_000)}`)),
    )
  })
