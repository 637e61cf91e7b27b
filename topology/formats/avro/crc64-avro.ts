/** The 64-bit Rabin fingerprint that Avro's specification names CRC-64-AVRO: which schema a record is written in. */

const empty = 0xc15d213aa4d7a795n

const table: readonly bigint[] = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (empty & -(value & 1n))
  return BigInt.asUintN(64, value)
})

/** Fingerprint of a schema in its Parsing Canonical Form. */
export const crc64Avro = (canonical: string): bigint => {
  let value = empty
  for (const byte of Buffer.from(canonical)) value = (value >> 8n) ^ table[Number(value & 0xffn) ^ byte]!
  return value
}
