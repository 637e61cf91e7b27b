/** Entries of the error catalogue about logs that are topics of Kafka. */
import { entry } from './error-entry.ts'

export const kafkaErrors = {
  kafkaUnreachable: entry({
    code: 'SPW-0207',
    name: 'kafkaUnreachable',
    errorClass: 'stop',
    text: (values: { brokers: string; reason: string }) => `no broker of ${values.brokers} answers: ${values.reason}`,
    hint: 'Check host and port of kafka://HOST:PORT/TOPIC, and whether the broker speaks TLS (KAFKA_TLS=true) or asks for a password (KAFKA_SASL_*).',
  }),
  kafkaRefused: entry({
    code: 'SPW-0208',
    name: 'kafkaRefused',
    errorClass: 'stop',
    text: (values: { brokers: string; reason: string }) => `${values.brokers} refuses: ${values.reason}`,
    hint: 'Set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, and give the user its rights on topic and group.',
  }),
  topicMissing: entry({
    code: 'SPW-0209',
    name: 'topicMissing',
    errorClass: 'stop',
    text: (values: { brokers: string; topic: string }) => `${values.brokers} has no topic ${values.topic}`,
    hint: 'Topics are made on request only: `topology init --topic`.',
  }),
  kafkaUnavailable: entry({
    code: 'SPW-0210',
    name: 'kafkaUnavailable',
    errorClass: 'retry',
    text: (values: { log: string; reason: string }) => `log ${values.log}: ${values.reason}`,
    hint: 'Check the brokers; work goes on by itself.',
  }),
  appendUnknown: entry({
    code: 'SPW-0211',
    name: 'appendUnknown',
    errorClass: 'retry',
    text: (values: { log: string; reason: string }) =>
      `log ${values.log}: whether records were taken is not known (${values.reason})`,
    hint: 'Sent again they may stand in the log twice; events with a client id, or `dedupe`, are counted once.',
  }),
  logCodec: entry({
    code: 'SPW-0212',
    name: 'logCodec',
    errorClass: 'stop',
    text: (values: { log: string; partition: number; offset: number; codec: string }) =>
      `${values.log}/${values.partition}: the records at offset ${values.offset} are compressed with ${values.codec}, which is not built in`,
    hint: 'Let producers use gzip, zstd or none (`compression.type`); what the log holds already must be copied to another topic.',
  }),
  topicRecordTooLarge: entry({
    code: 'SPW-0213',
    name: 'topicRecordTooLarge',
    errorClass: 'reject',
    text: (values: { log: string; bytes: number }) =>
      `topic ${values.log} does not take a record of ${values.bytes} bytes`,
    hint: 'Raise max.message.bytes of the topic, or split the event.',
  }),
  kafkaDriver: entry({
    code: 'SPW-0214',
    name: 'kafkaDriver',
    errorClass: 'stop',
    text: (values: { found: string; wanted: string }) =>
      `kafkajs ${values.found} is installed; Spillway works with ${values.wanted} only`,
    hint: 'Another package has pinned another version of kafkajs.',
  }),
  kafkaTooOld: entry({
    code: 'SPW-0215',
    name: 'kafkaTooOld',
    errorClass: 'stop',
    text: (values: { brokers: string }) =>
      `${values.brokers} gives no records by the id of a topic: it is older than Kafka 3.1`,
    hint: 'By its name a topic that was made anew would be read for the earlier one. Upgrade the brokers.',
  }),
  topicReplaced: entry({
    code: 'SPW-0216',
    name: 'topicReplaced',
    errorClass: 'stop',
    text: (values: { log: string }) => `topic ${values.log} was deleted and made anew while it was in use`,
    hint: 'A topic made anew is another log: use other rows and objects, or another topology name.',
  }),
} as const
