import { hash } from 'node:crypto'

/** Bytes of each digest that are kept: of another secret they are the same once in 10^11. */
const LENGTH = 6

/** The first eight hexadecimal digits of the SHA-256 of a secret that is on a public list; undefined for any other. */
export function knownSecret(bytes: Uint8Array): string | undefined {
  const digest = hash('sha256', bytes, 'buffer')
  const isKnown = known().has(digest.toString('latin1', 0, LENGTH))
  return isKnown ? digest.toString('hex', 0, 4) : undefined
}

let digests: ReadonlySet<string> | undefined

function known(): ReadonlySet<string> {
  digests ??= new Set(
    DIGESTS.flatMap((line) => Buffer.from(line, 'base64').toString('latin1').match(/.{6}/gs) ?? []),
  )
  return digests
}

// Of 1,000 secrets that programs were found with (github.com/wallarm/jwt-secrets).
const DIGESTS = [
  'ADOaXGE6AIEM+LlNAJcsP06oAKaxAytAAOfIZPcJATKyPUjkATPkRJSTAURiMQq/Ae5ILqrNAhzW0yv2AjJk1Auv',
  'Aj4Vov/5AqUudP1oA03nz6HEA+gEOXDGA/YVAzGfBFkoIY1tBGgEiKOYBIryQ4iRBIu4P7IwBNpQ2w2XBTff0inM',
  'BVqYHsq/BWt/5HFBBXugPWxEBe2AzRpJBmkj0wQRBn0xBoVhBogqtA8aBty9DL4oBvad6iyAByj2GaEfB166C4Q2',
  'B9Xy91yhCE8RVvQYCMG84AGLCNbS8QfbCRexOpCRCVOF8Y0hCWBEqNPDCWIBOORRCYVEML86CdvbGsh+CeQL6oVi',
  'Cg74kCKTCo5pTzClCpXXMMjnCsiDMG0VCuWjgmqICxTVAaWUC0SDswMHC6IHoNsOC9vTevGvDI6WD/wIDJerPO98',
  'DOL87ZL7DO2oXx2ADPwJH7FBDQDmUuwkDYYk4kDbDi414TslDk7DaLssDpan3bPTDp53q2dzDqeYSq6QD09Itrh1',
  'D6KFfoEGD8cWIUd7EDgp9eSsEFXjs6TgETCrDBkVETgb/8cEEdERgEAPEdnRcUKPEiMvwEkBEkzVoU65EofM6Y8O',
  'ErwQaxPIEuG9db6hExH4/ICnE71/hzE5E9JJ8stBE/3vQFSMFCcDVOCbFG+YbZQyFUab52sPFXX29/dHFaUPWiSw',
  'FiraL0LkFmKYQAfHFmcmlGzXFnAZFQE+FuOQD/KGFxzBveSdF4Hk8T+4F4JI44PFF42MIsiZF6e8BRyvF6kImj1w',
  'F9i9gFVXGG73bp1qGQrsc4mjGRLQKKzfGSCJXALbGVOkyMB+GXp6mcVlGaNCddG3Gwe+AxSSG0AdeileG0p8dFwt',
  'G7Ajw6/aHBZJtxOUHLFjLp3DHMbrJ4GkHWj0rsEZHdHCrsAoHioIqOwBHpXulXhgH5IzoSEFH5amvL8XH5fYLrAw',
  'H6cD7r0AH724yN2EIB07CeBsICKFCGOgICQEoXfsICV2xdxqIJJg7XCyILSTPiFmIOjNtbQJIRQt4kM0IUf3IduG',
  'IX9NtwyNIk9DKkOGImgwO86jIn9Nd+Y/IxM5JLWWJEzqR6A0JI5pjib+JSoT+JgeJTaQ2qGvJUwx69YvJgQtsUq1',
  'JmSPT66BJrypiuu8JvcvMhXUJvp3Hy6bJzXxdhXfJ69ScQvAJ8nmqzrLKBzPb/iCKGkXcLazKLgdLy6GKTcp1Z6q',
  'KYdU2y26KaxvSktlKcHAdboqKd9s/JCwKifxh1T0KjqNBqqEKocGEnuYKo8brP1oKtUi5WHtKv4WptYwKzQ/Th/n',
  'KzfN+mFsK7gNU3sdLFgVncOoLNLVmXTXLPM76vZvLSZQagdSLV0trNptL+GSgz5iL+OgMjV9MAo+/pNLMDe1W96H',
  'MV0cpEkrMV6vD/ffMWDYXj//MWJ/IJT6Mc3MQJ0YMdX5H3pbMiJc0ZqWMi9Y/Oz3MoQtfjCNMt9wPVeaMuH2Aw4r',
  'M76V/sILM8Z/fgiAM/5LR7l1NCs5PEjQNFsRBfx4NKlHUrcONNGCe5fuNSJNDTRlNSnUMiYqNeZYKlWJNggt2LXF',
  'NjZzEn6bNkyxM3GgNl8g9GnBNoppPXhMNpN61uBqNshMCBigNt0pJTMXNvD0tgVqNx+uunf0N8Di0x4fOJy/tcBo',
  'OLtrx+yvORCKbZ2HOXoHH1dlOgGrMy+EOhWlKWWEOjvYv4oiOyXmguppOzXGoBbXO3jV7dQpO7781Fz8PEaenWxY',
  'PFM+BXY3PJ0TU43GPKqMrFQtPLnU/TBNPMFuSroUPNNwvgABPX191xCtPmCE+176Pnp/m93cPpHpkIF8PqI/gyDm',
  'PvVAUJM6Px4zY2wEPz6BcslXP0gnhcdHP18zXtecP65tC4BbP7mxCSHjP828Sg7TQFhWs21kQHRLKqdrQLVotaB3',
  'QMZGYYZ1QP5H3XVjQSG30rm9QYuEwx0tQe+ug/vFQits/XbcQpJ51iMbQpY+aaF2QqJAq4ZHQse1sb3fQwLP2oX9',
  'Qy9/laHxQ+wnBkcwQ/ateUVgRCy/P98PRIQIsJcNRPByTO7lRQ2TjuOVRTL8xmgoRa0y7oPURbvqwvUSRe3wiFfO',
  'RjxX8gYgRkOem3bdRkZN40zqRo+GbtHeRv08nt8vRwQT5G5dRzHDAPugR0HPycZ4R+oveAPbR/e2LWTZSRjKB/aC',
  'SUrRUTLVSVYs/DsXSXGipgrKSlFRL09TSug0sM06Sw3mzOD0SxPS+tgJS3UNEi6gS5l+GgL5S7PfnwskS+BIEJ23',
  'TCqbCXrXTKfi6vmOTNbbzO/ATPCjeqhTTQJpX/RDTSbouUS2TWfXRLxWTXOaHmpuTeGSLuLRTgleA8meTnOMpVY8',
  'TndqpKdKTz2ySaJ0T1i3zlJ+T8tHrn/qUCafMXNDUFay4CG9UIEAF8tAULthZl7sURBr5MboUW98VyEOUY2Ionfe',
  'UZ4+zhDKUbDKp75HUfBLH6DHUhOeDt8VUhe1/7ABUr/S3gouUuV5ZOJgUzNqZ2xkUzTUAqPCU4jLbkbDU7oUXjpd',
  'U8VeUEY9VC3fGuzvVIVgMCtaVKXJUCOlVP1evjuWVbT0yZnBVk/YBqIhVra87FTtVxJDL4SJV02T5imNV4awUm9h',
  'V8OxIw5TV9DmuR2qWHbAKmVjWHwxR2xrWIgd/4GaWJlXWANBWLtdM5lzWO+voDlhWPQXcZE5WQb5OybuWZU5mOVK',
  'WbmlaBVxWcuJGEYWWeLK+fCjWft84Gk5WghaLXzYWi+hOQuxWrNOWW/VWrgq7t88WsFStvi9WxFhjC5EW2cCBPAc',
  'XAti61+zXSXsIFVXXZ80xAZbXaAy+bRbXcxiZXMmXohImNooXr9/m7gOXuUTm3X8X1YV17zWX3NlwKecYC1vD8+3',
  'YPK9zPLzYUDQ8EHlYZf7EpLBYZ3am7RRYa62tzirYa/Ex3wVYdmfFNvPYrb74zlxYvGW/lnGY6wEwx3HY+mB+7PD',
  'ZBpCmEmPZLoAnM6sZPq/VlYDZSPli8DuZSr/wZggZSx9xofZZcLMJaoCZc9Xq41aZdTU3zJjZfasvUXvZfc1GuOo',
  'ZfzYMuDYZilJJB3lZoWbet5OZsQBxJjbZu/g+2ErZ5p1QqkZZ+KtesOcaDRFcUiZaHKOEQsJaI8YbbjNaKyX1wED',
  'aTquiu4/aWbnFsakaZaLPJXGaZ7EsU/eaexA4N9AajCmDiyXajQh4FQJasZmP2vPawP+k/xpaxV4sJY3bB53jUbM',
  'bGe4ReXFbHcyneVRbI7C1TARbJ2yOAJmbTzVvQ8LbdLWTQn3beJgiHarbg0L7ePxbhb1BUjjbidbxdHObjSBBS4n',
  'bkwHFVGrblGaKzCHbouOMMkmbrJauXL/bstSB6XUbs2twAYMbs6dBe9mbtgdwmbzbuzI7DKObzjLB0vab7IRZErG',
  'b8euUNK7b+uHHpAhcLu6IeRHcWdXMJ5XcczAz6Cwcest8UwPckElDOiAcnqCfKxwcp+aH48ocrK0Tu8Ncu+SIU9T',
  'cvIE5BXccvIzapmhcvVS31HVcwHX6Kugcw18yswIc57Qd9jrc7VZRfqgc+8qTt16c/MpU4/RdAx/IPtRdECB+xRQ',
  'dJGj0lrJdMn7XvBmdNkH+vTMdRlXo6GBdTkAIvOvdW+xKmpldiBQRRtPdq9kVQdFdrNL86G1dywpqv/Ydy0PJeZh',
  'd4paJ3mSd5HLHMsEd54itnUud/45fqSZeJYpRIaweOqx5csReQ6vZbqueR1+eIXeebtwBzgZekEvXgsceot9YCgE',
  'erL+aoK8erc/J2dmevtMOIn9e1D8Feg6e43O0RSve8rVyUeFe+dYxbcMfDXhAR25fHnTUKdjfJmhUllffJ+jZRAX',
  'fPBzjWASfQ4FWeyufRdVIQujfSmVPmkufcb4ZxB+fjKnKbEifnjlBjnpfp+P0RGAfsSv1pknfssRYnRGf0OPjAcy',
  'f1qh4uTMf2zGIrJ5f8yx58a2gAE8mZJDgB6Nuu1vgEWaoHLcgKiyyM7HgVsO7KkTgoEtrEdTgs7Z9teJgu/6uwP+',
  'gv8hoFWngz980vhyg77Ld5/vhD1FOBDVhEVNh29qhIsP7kaBhVtXidNRhcjXpR4UhdvhXXXvhephY6HYhfA15Crw',
  'hiSH/NIphlf5ql6hhmP2wgRthyGDICWThzgfsEFAh2eN65vlh5/wUn5wiClvLp2siHbYK7gHiHi55pkeiKrMFBdk',
  'iM3bZr2iiPC7T7qyiRlLXXO+iU/mNFTBiZfxBKv5iiTeDit9ikSRZkoOikX2L0dHilhH3wuwisgcD76ditvqrNHQ',
  'iziVjQqai/I2cXFQjFloCtIhjNWHSsTfjOK6Nt31jSbr718FjTxKYxhIjdmyi7ALjlATyhAvjoPJgNMmjp7B8j5/',
  'jrWprpQWkBNNHoIlkDsm3Q5IkHO5aB0ukIpCqcHPkJSG66bpkKKkgt6UkOJoAeWVkQEGSWPVkWHUD75Ukd7m8BPV',
  'klHRDyQ0kmHHx5mwkoOngKZzkse91z4Tks/GoWojkz+pt2Znk2jh4MeQk5dfrY5fk8NPkZoElCkjw7vDlCr2xhsm',
  'lGtivt1DlJQ1/783lK77i+eLlLiK/ayqlPYcJRSBlR3+gGuXlWokFEF2lYOMKRYTlY6c73kolaHQl+CmldMBaaWc',
  'lgXyKkW6lmRbtEfKlqb0PXiSlqoer+iMlraOTYTQltUJ+5CBl2EggLX4l7g0fsNNmAYBasGxmDQREKgFmEej93hb',
  'mEg8brQLmEpMYPBLmEylFiIAmFpWEWtHmXArC+2TmYialbb3mbJkPnweml91/pjlmmaBg6SAmmjoW18FmpCZdpIq',
  'mrTgZEV4mrhzCNGlmsddMhNymsiQeHnJmucdsIFPm4prksYJm44DKlELnK8Gu0Q2nMgO6PVhnRPpDOzinSNfuTui',
  'nXI5UYitnYrw8ok+nZD6W4AEnaSLnyPgne8PrMxrnl0ghQZNnoxEBSp3npmdTm8RnrJyQLYnnuoGbw71nvgih4HG',
  'nxhu1J3uny1Zh381nzFEag8Yn7OyyW2Jn+U86agRoBjLq+vVoFSZp1eIoGBWFK/moT5Q+AQNodYrRkVooebWrC8Z',
  'oghLjU4to1Mz8sZHo40IyvrepABXT/y9pAG2yRW6pCfWeVKQpHM6VhAFpMt3sKMapRsm/xkXpXOpGEMkpYaEMCaK',
  'pZazSafTpcg3n9xwphnjpwtGpiIf9RwepkTdgIgKplCyD7Zxpl4oOBOOpp1LlsCHpt+/wgN+puDfb7E+pvLz8JWh',
  'pvMtAiLXp43SEmw+p6NM0AFCp9kcbPlSqYMe9zFXqabGzfcFqe5Zz2+LqqpVjq5nqwde5uZ9q5b/SY0uq98BB27C',
  'rB9JRrrxrCvaFrP3rK4ufcKQrLGIIW1arNforHYLrRQ8wz+WrRZbETILrXdOeGyBraAAGQOkrbONtKs3rcqQXG83',
  'rmyy1E5orsgISEW0rvsba/B7rwDT0HbrryDG3hAYr2XIZisasEaDa5A+sLpYHSiQsRsZKeXhsVI1LvRfshIaXX2V',
  'sjgT2n8GslY8taTLsmUM2cVGsm0957YAsnMIzqfTsrg3QxEssttMHBNlsu3EhWb6s1YH8N/as4hh7Y10s7cJNRWV',
  's7lnPDhJs8g4iDeIs+ejVQN2s/sWRQp8tNh1JDk7tUXhfj/OtdwskBMFtjxhhhIFtncwYC3Jtu5/a3WQt/LBnEHd',
  't/edfQQtuNXT69vNuNiqp46RuOhdmcD/uUErYpDGudHQE/YAueLCVBw5ugEzi6X6uvaYwWRQuz2Dh58Ru3RJz+Wc',
  'u4iLmMvTvCZznFGfvEHFBuwbvEfV2EMJvHktc+QFvLOlHV/hvM/KCb6svRUJckU0vjF8vqsbvkDnq5Sivl1J0Qx0',
  'vr93ahKavvW5I1pevw+/PWD7vxt0Sr30v1DkKSTMv3Nv1/Nzv30nysUcv3+mkHgJwEVW2fMewH8yaAkwwJI3ddAj',
  'wPuio7E6wWZADxEJwW/7lBaawXhNW+6wwXnb6mJnwhoWkoFYwjG/yTpPwmMaSZXVwmznXAVTwm/0FlXJwrtHnz5r',
  'wtf3tYvew05tv6Zuw6V6+qUdw7VgXgaZw+79UHP1xATbooPfxBCeRg7uxDdcUqfYxEBlOb2PxIIDMQVyxI74HbgH',
  'xME9b0BuxMTnpYAZxNm5vJ6dxPV95vFJxY8JPXxZxbsy8pKFxfSRGtyixfbKTQp3xhCzTS1Axm3DMSd5xtstv+2q',
  'x2i7K5Rkx6XqnsAvx9jJmZV6x/9KOLlkyB4YDiY8yFH2GyPTyLD3lLCnyhhBwl6zyuvk83+pyw+b8Cnqy09M3N9o',
  'zFDZHtYUzJEAN7+WzLAdiXwVzNVYO9PXzQ4Rs7YKzR0SQvI5zTQwyFwRzU8MAPL8zXG9bdL7zXLn/6m1zYpMBZgI',
  'zgZkVDN6zmOTtOvTznMwdvH6zqkkl0w9zrFgdt6+z4SRx/7X0K4VvU5t0L4oZgjK0L5zNClD0Mceftsn0Z8hDpam',
  '0djDlM2g0dpo8Clu0fu0a8eE0gt5zc6T0lhcXZZK0x9hsju00zl6xSU+08niMSD41C+PY1y21I4TaNBE1LyW5Lkj',
  '1PVL27ci1ZCaotGu1a49arJy1cDVf+nZ1f6YBnYV1jzBWRWQ1k7Nw71K1tnKtSay1v9nVzlH1z84z6FN1z/d1Kdm',
  '12WvRfeZ13HuEH341773nFel2HB9QR2Z2N7zRrpM2QoW7Izl2Qp8oRh32bhqKaOs2cJUFlud2dshRI1z2ldTpEao',
  '2uv/SMbn2yc86obL26ep1z5t3CZQEpri3M7jQN8L3Y04r4yj3ZgjbIR43a2aFLdL3cf9pO+/3fXHqao73ofFhYYA',
  '33M2Vik634OzwQpa37XG2OIB399lz3UR3+UpMX1y4JGueRwo4JHFgUcZ4KnbJlwA4Kp0smSI4PfrsyXH4UTvkvds',
  '4WpOLoQF4YHGNrmH4YxhnTif4cZR46EW4k203wCB4vGnRwLB4xgIc4Wj41Kh38TC42K+LbMq44NOHVKm48cC8Hze',
  '5BrbyxGn5F1VmlwZ5ITdYXKZ5LMNY+IY5NpEm1Mv5TDY152Z5TM3ZSXS5aJRsI4H5eLQzwK95fx9ebha5hLfSPgx',
  '5jXzjcOp5mU1o5Yi5pzcthaP5tZc4sw75wY4algZ52AWIYhy6BWghCPK6Btr/56G6EyGaY/j6IBA59AF6LQHof1e',
  '6MxhU59z6Qc4grkh6VBlWO616VeAIzN66a2g0Mjn6kPh1QhV6lrdV0N86r1SKRDM6sO7L4eY6zAUkkcS60I+xUVk',
  '654VeKaI7ATg+asl7Ax6TVbI7GQ+cvPQ7IIy0YUh7Mdr+pQ97RkntjNl7SnyUs287bAwFE8Y7dbL7uDA7gxgxIQH',
  '7kEc39hs7kOXQmFq7rVGtHFO7uPbFyR87x6l3Sso7yQP+KZj7zZlODuD75K3eLr+75eYz9eA76xDML4H8EPDUNcz',
  '8F+zcfJH8PM70s6w8QtLAW8K8RM8KNFM8RzbotOS8cdXktxU8eH7iwAu8gl8VvLH8kdXtErB8tIKQulB8tmtEsly',
  '8zaXN2my81woTfgt87KAacr6882/L8fv89665b908/Xg7cBl9AcpeMKH9E7542CD9GanjEpK9LuDbW6D9MDl/YPd',
  '9jDl0wvJ9kLsWK8Q9k/Nxe7V9mPUch3H9mbWSlRJ9wajb6wx9xbZHXAE90+mHPBX91d490Jb93rTXZIY99g4cBuG',
  '9/EaGVCI+APLprpW+E/3nyyc+IkJeoLE+N5uVjx3+XPAMrTt+XXtiaGh+XluQdQi+Yjbqik/+dCeOzKx+ihd/hs1',
  '+kl3zdwA+loN9p7o+ooAba+k+rF7Gfmj+tv4GZKv+0ayWdHK+2II7ime/Am2AtCX/N0Wh847/PcwttlS/b9Zi1ne',
  '/cveTGTy/c6OSmW3/hFLCSn//mRW1RNF/oOLjHaA/pZvuG6I/pnGhQP4/y2Prsp3/5SOfchC/5lQD7cM',
]
