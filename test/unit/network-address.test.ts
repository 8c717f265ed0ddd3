import { describe, expect, it } from 'vitest'
import { isLoopbackHost, isMetadataAddress, ownerOfAddress } from '../../src/network-address.ts'

describe('an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.1', 'loopback'],
    ['[::1]', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['0.0.0.0', 'private'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['::', 'private'],
    ['::7f00:1', 'private'],
    ['fd00::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::a00:1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['2002:a00:1::', 'private'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:a9fe:a9fe', 'metadata'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['fe80::1%eth0', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
  ])('%s is %s', (address, owner) => {
    expect(ownerOfAddress(address)).toBe(owner)
  })

  it.each([
    ['metadata.google.internal', true],
    ['metadata.google.internal.', true],
    ['[fe80::1]', true],
    ['169.254.169.254', true],
    ['10.0.0.1', false],
    ['example.com', false],
  ])('%s as a host is a metadata service: %s', (hostname, expected) => {
    expect(isMetadataAddress(hostname)).toBe(expected)
  })

  it.each([
    ['localhost', true],
    ['127.1.2.3', true],
    ['[::1]', true],
    ['localhost.example.com', false],
    ['127.0.0.1.example.com', false],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
  ])('%s as a host is this machine: %s', (hostname, expected) => {
    expect(isLoopbackHost(hostname)).toBe(expected)
  })
})
