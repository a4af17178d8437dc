import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'quality',
  files: ['model'],
  schema: z.strictObject({
    model: z.string().min(1).describe("a fastText supervised model, `.bin` or `.ftz`; a relative path is meant from the recipe's folder"),
    label: z.string().min(1).default('__label__good').describe('the label that is to be kept'),
    least: z.number().min(0).max(1).default(0.5).describe('least probability of it'),
  }),
  what: 'Drops documents to which a linear model of your own gives less than `least` for `label`. It reads what fastText writes (softmax, hierarchical softmax, one-vs-all, negative sampling; quantized and pruned too) and says what its `predict` says of the normalized text, newlines taken as spaces.',
  why: 'Rules tell menus, spam and repetition; whether a text is worth learning from, nobody has put into a rule. A model of a few thousand good and bad examples does, at the cost of a look-up a word. It judges last: it costs more than the rules, and knows only what it was shown. `kopipe train-filter GOOD BAD` makes one and says which `least` to take: [quality-model](quality-model.md).',
  source:
    "fastText (Joulin et al., 2016). DCLM, Kanana, KORMo and HyperCLOVA X begin with such a model. None is shipped: what is good is the user's to say.",
  reasons: {
    'quality-low': 'probability of the label (fastText adds 0.00001)',
  },
  example: {
    section: { model: 'test/golden/linear/softmax-bigrams.bin' },
    kept: '서울은 대한민국의 수도이다',
    dropped: '지금 바로 클릭 무료 상담',
  },
})
