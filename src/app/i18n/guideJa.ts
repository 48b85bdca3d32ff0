import type { GuideKey } from './guideEn.ts';

/** Texts of the guide in Japanese, in the terms of AMD's Japanese documents. */
export const guideJa: Readonly<Record<GuideKey, string>> = {
  'term.domain': 'ドメイン',
  'means.domain':
    'Xen 上の仮想マシンです。Domain-0 (Dom0) は管理ツールを持つ特権ドメインで、それ以外 (DomU) がゲストです。',
  'term.vcpu': 'vCPU',
  'means.vcpu':
    '仮想プロセッサ。ドメインから CPU として見えるものです。Xen のスケジューラーが各 vCPU をいずれかの pCPU でしばらく実行します。',
  'term.pcpu': 'pCPU',
  'means.pcpu': '物理プロセッサ。マシンのコアで、ここでは 4 個の Cortex-A53 のうちの 1 個です。',
  'term.states': '状態',
  'means.states':
    'r: 実行中。b: ブロック (イベント待ち)。p: 一時停止。s: シャットダウン。c: クラッシュ。d: 破棄中 (リソースを解放中)。文字なし: 実行可能 (pCPU 待ち)。',
  'term.credit': 'クレジット',
  'means.credit':
    'Xen の credit スケジューラーで、ドメインがまだ使用できる CPU 時間です。30 ms ごとに重みに応じて配分されます。使い切ったドメインは、残っているドメインの後ろで待ちます。',
  'term.weight': '重み',
  'means.weight':
    'ほかのドメインに対する CPU 時間の割合です。どちらも CPU を使い続ける場合、重み 512 のドメインは 256 のドメインの 2 倍の時間を得ます。',
  'term.cap': '上限',
  'means.cap':
    'ドメインが使用できる CPU 時間の上限で、pCPU 1 個に対する % で表します。空いている pCPU があっても超えません。0 は無制限、50 は pCPU の半分です。',
  'term.mips': 'MIPS',
  'means.mips':
    'お使いのコンピューターが 1 秒間に実行するシミュレーション命令数 (100 万命令単位) で、マシンの全コアの合計です。',
  'term.realTime': 'リアルタイム係数',
  'means.realTime':
    '仮想時間を実際の時間で割った値です。1 倍ならマシンはボードと同じ速さで、0.5 倍ならマシンの 1 秒に実際の 2 秒かかります。結果には影響しません。',
  'term.virtualTime': '仮想時間',
  'means.virtualTime':
    '電源投入時からのマシン自身の時間です。マシンが実行した命令に従って進み、全コアが待機中なら次のイベントまで飛びます。そのため、コンピューターが遅くても結果は変わりません。',
  'term.el2': 'EL2',
  'means.el2':
    'ハイパーバイザーの例外レベルです。Xen は EL2、ゲストのカーネルは EL1、そのプログラムは EL0 で動作します。低いレベルから高いレベルのメモリやレジスタにはアクセスできません。',
  'term.stage2': 'ステージ 2',
  'means.stage2':
    'ゲストのアドレスをマシンのアドレスに変換する、ハイパーバイザーの変換です。ゲストはステージ 2 テーブルにマップされたメモリにしかアクセスできません。これによりドメインが分離されます。',
  'term.hypercall': 'ハイパーコール',
  'means.hypercall':
    'HVC 命令によるゲストからハイパーバイザーへの呼び出しです。プログラムがシステム コールでカーネルを呼び出すのに相当します。',
  'term.percentile': 'p50、p99',
  'means.percentile':
    'パーセンタイルです。レイテンシの半数は p50 以下、100 回中 99 回は p99 以下です。リアルタイム システムは p99 と最大値で評価します。',

  'picture.label': '直近 1 秒間に何がどこで動作したか',
  'picture.guests': 'ドメイン',
  'picture.guestsWhere': 'EL1、EL0',
  'picture.dom0': '特権',
  'picture.xen': 'Xen',
  'picture.scheduler': 'スケジューラー {scheduler}: どのコアで何を実行するかを決定',
  'picture.xenShare': '自身の使用は pCPU の {share}',
  'picture.cores': 'コア (物理 CPU)',
  'picture.idle': 'アイドル',
  'picture.on': '→ pCPU {cores}',
  'picture.nowhere': '未実行',
  'picture.runs': '実行した pCPU',
  'picture.may': '実行可能な pCPU',
  'picture.none': 'なし',
  'picture.running': '実行中',
  'picture.runnable': '実行可能',
  'picture.blocked': 'ブロック',
  'picture.offline': 'オフライン',
  'picture.empty': 'マシンを起動しています…',
};
