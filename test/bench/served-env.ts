/** Where the servers of a benchmark are, from the variables that `npm run servers env` prints, and what it makes there. */
export interface ServedEnv {
  readonly brokers: readonly string[]
  readonly contactPoint: string
  readonly dataCenter: string
  readonly keyspace: string
  readonly bucket: string
  readonly s3: { readonly endpoint: string; readonly accessKey: string; readonly secretKey: string }
}

const need = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: \`npm run servers env\` prints it`)
  return value
}

export const servedEnv = (): ServedEnv => ({
  brokers: need('KAFKA_BROKERS').split(','),
  contactPoint: need('CASSANDRA_CONTACT'),
  dataCenter: need('CASSANDRA_DC'),
  keyspace: process.env['BENCH_KEYSPACE'] ?? 'bench',
  bucket: process.env['BENCH_BUCKET'] ?? 'bench',
  s3: { endpoint: need('S3_ENDPOINT'), accessKey: need('S3_ACCESS_KEY'), secretKey: need('S3_SECRET_KEY') },
})
