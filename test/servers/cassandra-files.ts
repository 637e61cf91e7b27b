/** One Cassandra node: its files and its command. The jar brings no configuration; memory is kept small. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerSettings } from './server-kinds.ts'

export interface CassandraPorts {
  readonly port: number
  readonly storagePort: number
}

const exported = [
  'java.base/jdk.internal.misc',
  'java.base/java.lang.ref',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
  'jdk.compiler/com.sun.tools.javac.file',
  'jdk.attach/sun.tools.attach',
]
const basePackages =
  'java.lang java.lang.module java.lang.reflect java.io java.nio java.util sun.nio.ch jdk.internal.loader jdk.internal.ref jdk.internal.reflect jdk.internal.math jdk.internal.module jdk.internal.util.jar'
const opened = [
  ...basePackages.split(' ').map((name) => `java.base/${name}`),
  'jdk.management/com.sun.management.internal',
  'jdk.compiler/com.sun.tools.javac',
]

/** What JDK 17 must open to Cassandra. */
const moduleOptions = [
  ...exported.map((name) => `--add-exports ${name}=ALL-UNNAMED\n`),
  ...opened.map((name) => `--add-opens ${name}=ALL-UNNAMED\n`),
].join('')

const yaml = (folder: string, { port, storagePort }: CassandraPorts, settings: ServerSettings): string => {
  const { commitlogSync = 'batch', passwords = false } = settings
  return `cluster_name: spillway-test
num_tokens: 1
initial_token: 0
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "127.0.0.1:${storagePort}"
listen_address: 127.0.0.1
storage_port: ${storagePort}
rpc_address: 127.0.0.1
start_native_transport: true
native_transport_port: ${port}
data_file_directories: ["${join(folder, 'data')}"]
commitlog_directory: "${join(folder, 'commitlog')}"
saved_caches_directory: "${join(folder, 'caches')}"
hints_directory: "${join(folder, 'hints')}"
cdc_raw_directory: "${join(folder, 'cdc')}"
commitlog_sync: ${commitlogSync}
${commitlogSync === 'periodic' ? 'commitlog_sync_period: 10000ms\n' : ''}commitlog_segment_size: 16MiB
commitlog_total_space: 256MiB
memtable_heap_space: 96MiB
memtable_offheap_space: 96MiB
file_cache_size: 64MiB
concurrent_reads: 16
concurrent_writes: 16
auto_snapshot: false
hinted_handoff_enabled: false
authenticator: ${passwords ? 'PasswordAuthenticator' : 'AllowAllAuthenticator'}
authorizer: ${passwords ? 'CassandraAuthorizer' : 'AllowAllAuthorizer'}
${['request', 'read_request', 'range_request', 'write_request', 'cas_contention'].map((name) => `${name}_timeout: 10s\n`).join('')}`
}

// A comma in the pattern of the time would begin a time zone, and the server would die of it.
const logging = `<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender">
<encoder><pattern>%d{HH:mm:ss.SSS} %level %logger{20} %msg%n</pattern></encoder></appender>
<root level="WARN"><appender-ref ref="out"/></root></configuration>
`

export const writeCassandraFiles = (folder: string, ports: CassandraPorts, settings: ServerSettings): void => {
  writeFileSync(join(folder, 'cassandra.yaml'), yaml(folder, ports, settings))
  writeFileSync(join(folder, 'logback.xml'), logging)
  writeFileSync(join(folder, 'jvm17.options'), moduleOptions)
}

export const cassandraCommand = (
  folder: string,
  lib: string,
  { quickBoot = true }: ServerSettings,
): readonly string[] => [
  'java',
  `@${join(folder, 'jvm17.options')}`,
  ...(quickBoot ? ['-XX:TieredStopAtLevel=1'] : []),
  ...['-Xms1g', '-Xmx1g', '-Xss256k', '-XX:+UseG1GC', '-XX:MaxDirectMemorySize=512m', '-XX:+ExitOnOutOfMemoryError'],
  '-Djdk.attach.allowAttachSelf=true',
  '-Dio.netty.tryReflectionSetAccessible=true',
  '-Djava.net.preferIPv4Stack=true',
  `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  `-javaagent:${join(lib, 'jamm-0.4.0.jar')}`,
  `-Dcassandra.config=file://${join(folder, 'cassandra.yaml')}`,
  `-Dcassandra.storagedir=${folder}`,
  `-Dcassandra.triggers_dir=${join(folder, 'triggers')}`,
  `-Dlogback.configurationFile=file:${join(folder, 'logback.xml')}`,
  '-Dcassandra-foreground=yes',
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.ring_delay_ms=0',
  '-Dcassandra.consistent.rangemovement=false',
  ...['-cp', join(lib, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
]
