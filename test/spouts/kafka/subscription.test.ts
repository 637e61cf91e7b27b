/** The words of group members, as bytes that other clients and tools read and write too. */
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../topology/spouts/kafka/subscription.ts'

const require = createRequire(import.meta.url)
const { MemberMetadata, MemberAssignment } = require('kafkajs/src/consumer/assignerProtocol.js')

describe('subscription', () => {
  const subscription = { topics: ['clicks', 'käufe'], owned: new Map([['clicks', [0, 5, 70_000]]]), generation: 12 }
  const assignment = new Map([
    ['clicks', [1, 2, 3]],
    ['käufe', []],
  ])

  test('is read back as it was written', () => {
    expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription)
    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
  })

  test('other clients read it', () => {
    expect(MemberMetadata.decode(encodeSubscription(subscription)).topics).toEqual(subscription.topics)
    expect(MemberAssignment.decode(encodeAssignment(assignment)).assignment).toEqual(Object.fromEntries(assignment))
  })

  test('what other clients write is read', () => {
    const plain = MemberMetadata.encode({ version: 0, topics: ['clicks'] })
    expect(decodeSubscription(plain)).toEqual({ topics: ['clicks'], owned: new Map(), generation: -1 })
    const assigned = MemberAssignment.encode({ version: 0, assignment: { clicks: [4] } })
    expect(decodeAssignment(assigned)).toEqual(new Map([['clicks', [4]]]))
  })

  test('a later version adds at the end, and is read all the same', () => {
    const later = Buffer.concat([encodeSubscription(subscription), Buffer.from([0, 3, 1, 2, 3])])
    later.writeInt16BE(3)
    expect(decodeSubscription(later)).toEqual(subscription)
  })

  test('no bytes are an empty assignment; bytes cut off anywhere are refused', () => {
    expect(decodeAssignment(new Uint8Array())).toEqual(new Map())
    const bytes = encodeSubscription(subscription)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSubscription(bytes.subarray(0, length))).toThrow(RangeError)
    }
    expect(() => decodeAssignment(Buffer.from([0, 0, 127, 255, 255, 255]))).toThrow(RangeError)
  })
})
