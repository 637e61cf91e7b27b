/** Bytes that are no Avro of their schema. The reason is a part of a sentence, for the cause of a dead letter. */
export class MalformedAvro extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'MalformedAvro'
  }
}
