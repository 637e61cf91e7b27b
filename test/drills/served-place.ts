/**
 * A topic, a keyspace and a bucket of its own on real servers, and the bare clients by which drills judge what a
 * topology has left there: nothing here shares code with the adapters.
 */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import cassandra from 'cassandra-driver'
import { Kafka } from 'kafkajs'
import type { CassandraServer, KafkaServer, S3Server } from '../servers/server-of.ts'

export interface ServedPlaceOptions {
  readonly kafka: KafkaServer
  readonly cassandra: CassandraServer
  readonly s3: S3Server
  /** Of the topic, the keyspace and the bucket: lower-case letters and digits. */
  readonly name: string
  readonly partitions: number
}

export class ServedPlace {
  readonly name: string
  readonly kafka: Kafka
  readonly rows: cassandra.Client
  readonly objects: S3Client
  readonly #options: ServedPlaceOptions

  constructor(options: ServedPlaceOptions) {
    this.#options = options
    this.name = options.name
    this.kafka = new Kafka({
      brokers: [...options.kafka.brokers],
      retry: { retries: 20, maxRetryTime: 2_000 },
      logCreator: () => () => undefined,
    })
    const { contactPoints, dataCenter } = options.cassandra
    this.rows = new cassandra.Client({
      contactPoints: [...contactPoints],
      localDataCenter: dataCenter,
      policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(250) },
    })
    const { endpoint, region, accessKeyId, secretAccessKey } = options.s3
    this.objects = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
  }

  /** Makes the topic, the keyspace and the bucket. */
  async make(): Promise<this> {
    await Promise.all([this.#makeTopic(), this.#makeKeyspace(), this.#makeBucket()])
    return this
  }

  /** What a process needs to work here; `endpoint`: another way to the objects. */
  env(endpoint: string = this.#options.s3.endpoint): Readonly<Record<string, string>> {
    const { kafka, cassandra: rows, s3 } = this.#options
    return {
      SPILLWAY_LOG: `kafka://${kafka.brokers.join(',')}/${this.name}`,
      SPILLWAY_ROWS: `cassandra://${rows.contactPoints.join(',')}/${this.name}?dc=${rows.dataCenter}`,
      SPILLWAY_OBJECTS: `s3://${this.name}/archive`,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }
  }

  /** Takes the topic and the keyspace away, so that servers stay small, and closes the clients. */
  async remove(): Promise<void> {
    const admin = this.kafka.admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [this.name] })
    await admin.disconnect()
    await this.rows.execute(`DROP KEYSPACE IF EXISTS ${this.name}`)
    await this.rows.shutdown()
    this.objects.destroy()
  }

  async #makeTopic(): Promise<void> {
    const admin = this.kafka.admin()
    await admin.connect()
    await admin.createTopics({
      topics: [{ topic: this.name, numPartitions: this.#options.partitions, replicationFactor: 1 }],
    })
    await admin.disconnect()
  }

  async #makeKeyspace(): Promise<void> {
    const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    await this.rows.execute(`CREATE KEYSPACE ${this.name} WITH replication = ${replication}`)
  }

  async #makeBucket(): Promise<void> {
    await this.objects.send(new CreateBucketCommand({ Bucket: this.name }))
  }
}
