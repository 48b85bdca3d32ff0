import type { GuideKey } from './guideEn.ts';

/** Texts of the guide in Japanese, in the terms of AMD's Japanese documents. */
export const guideJa: Readonly<Record<GuideKey, string>> = {
  'machineFile.save': 'マシンをファイルに保存',
  'machineFile.open': 'マシンのファイルを開く…',
  'machineFile.kept': '{seconds} 秒の時点がこのブラウザーに保存されています。',
  'machineFile.keptNow': '現在の状態がこのブラウザーに保存されています。',
  'machineFile.how':
    '現在のマシン (コア、メモリ、デバイス、カード、入力の記録) を保存します。ここで開くか el2lab resume を使うと、止まっていなかったかのように続きから実行されます。',
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
  'term.cpupool': 'CPU プール',
  'means.cpupool':
    '専用のスケジューラーを持つ pCPU の集まりです。各ドメインは 1 つのプールに属し、その pCPU だけで動作します。xl cpupool-create で作成します。',
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
  'picture.on': '→\u00a0pCPU\u00a0{cores}',
  'picture.nowhere': '未実行',
  'picture.runs': '実行した pCPU',
  'picture.may': '実行可能な pCPU',
  'picture.none': 'なし',
  'picture.running': '実行中',
  'picture.runnable': '実行可能',
  'picture.blocked': 'ブロック',
  'picture.offline': 'オフライン',
  'picture.empty': 'マシンを起動しています…',

  'start.title': 'ブラウザーの中で動くハイパーバイザー付きプロセッサ',
  'start.what':
    'Arm Cortex-A53 コアを 4 個持つ Zynq UltraScale+ ボードのシミュレーションです。ハイパーバイザーの Xen が、コアをドメインに割り当てます。すべてブラウザーの中で動作するため、何をしても壊れる心配はありません。',
  'start.words': '点線の付いた用語は、ポインターを合わせるか Tab キーで移動すると説明が表示されます:',
  'start.tour': 'ツアーを開始 ({steps} ステップ)',
  'start.tourOn': 'ツアーを続ける (ステップ {step}/{steps})',
  'start.now': '現在の動作',
  'start.story':
    'rtos-a と rtos-b はリアルタイム システムで、制御タスクを 1 ms ごとに実行します。noisy は使える CPU 時間をすべて使います。3 つとも pCPU 1 に割り当てられているため、空いているコアが 2 個あるのに rtos-a のタスクが遅れます。ツアーでその対処方法を説明します。',
  'start.again': 'このページが自動的に開くのは初回だけです。「ヘルプ」→「スタート ページ」でもう一度開けます。',

  'stories.title': 'ストーリー',
  'stories.what':
    'ストーリーは、学習用に構成したドメインのシステムです。仮想化の理由とそのコストを、マシンで測定した数値とともに示します。',
  'stories.choose': '新しいマシンを起動します。現在のマシンには後で戻せます。',
  'stories.start': '開始',
  'stories.again': 'もう一度開始',
  'stories.measure': '開始して測定',
  'stories.measures': '数値を測定中です。最後の入力:',
  'stories.holds': 'すべての数値が範囲内です。',
  'stories.fails': '範囲外の数値があります。測定中にマシンに対してほかの操作をしていませんか。',
  'stories.figures': '数値',
  'stories.figure': '項目',
  'stories.measured': '測定値',
  'stories.bounds': '範囲',
  'stories.published': '公表値',
  'stories.upTo': '最大 {value}',
  'stories.most': '{label}。最大値: {most}',
  'stories.hour': '時刻',
  'stories.domains': 'ドメイン数',
  'stories.range': '{least} ～ {most} {unit}',
  'stories.configs': 'ドメインのコンフィギュレーション ファイル:',
  'stories.try': '試してみましょう',
  'stories.expect': '予想される結果:',
  'stories.others': 'ほかのストーリー',
  'about.load':
    'オペレーティング システムは、タスクのないコアを待機させます。そこで、タスクごとにシステムを用意し、需要が増えると開始し、減ると停止します。ここでは、ネットワーク上のクライアントが、1 日の需要曲線に従って要求を送信します。Domain-0 のスクリプトが待ち数を監視し、pCPU 1 ～ 3 に 1 つずつサーバーを開始、停止します。次に、3 個の pCPU を持つ 1 つのドメイン、終日動作する 3 つのドメインで同じ 1 日を繰り返します。さらに、余った CPU 時間をすべて使うドメインを、低い重みと同じ重みで加えます。処理のないドメインは WFI を実行し、pCPU は待機します。',
  'try.loadStart': '24 秒間の 1 日を開始します。',
  'expect.loadStart':
    'clients stat で需要を確認できます。worker-1 の処理能力は毎秒 1000 件のため、昼には要求が待たされます。',
  'try.loadBalance': 'スクリプトで負荷を分散し、ドメインの一覧を観察します。',
  'expect.loadBalance': 'worker-2 と worker-3 が昼前に作成され、夜に停止します。Ctrl+C でスクリプトを終了します。',
  'try.loadBatch': '残りの CPU 時間を使います。重みの小さいドメインを同じコアに作成します。',
  'expect.loadBatch':
    'CPU パネルで pCPU 1 ～ 3 がすべて使用されます。サーバーが優先されますが、Xen のレート制限により要求ごとに最大 1 ms 待つことがあります。',
  'about.load-linux':
    '同じことを、変更していない Debian の Linux で行います。各ドメインの Linux で、CPU ごとに 1 つのプロセスを持つサーバーが動作します。Linux のブートには 1 秒かかるため、Domain-0 のスクリプトは必要になる前に開始します。需要が増えている間は、動作中のサーバーの能力の 3 割に達すると次を開始します。/etc/xen/fixed.cfg は、3 個の pCPU をすべて持つ 1 つの Linux です。',
  'try.loadLinuxStart': '24 秒間の 1 日を開始します。',
  'expect.loadLinuxStart':
    'clients stat で需要を確認できます。clients report は、要求、応答、応答時間を 1 時間ごとに集計します。',
  'try.loadLinuxBalance': 'スクリプトで負荷を分散し、ドメインの一覧と CPU パネルを観察します。',
  'expect.loadLinuxBalance':
    '需要が増えると worker-2 と worker-3 がブートし (コンソールに表示されます)、ほかのサーバーの使用率が 60 % 未満で足りるときに 1 つが停止します。Ctrl+C でスクリプトを終了します。',
  'try.loadLinuxCurve': '需要を変更します。/root/curve に別の 1 日を保存して開始します。',
  'expect.loadLinuxCurve':
    'clients stat がその曲線に従います。--peak は 100 % のときの毎秒の要求数、--work は要求 1 件の CPU 時間 (マイクロ秒) です。',
  'about.isolation':
    '2 つのリアルタイム システムと、使える CPU 時間をすべて使う隣人 (noisy) が pCPU 1 に割り当てられています。それぞれが専用のサンドボックスで動作し、互いを意識しませんが、コアを共有すると待つことになり、1 ms ごとの rtos-a の制御タスクが遅れます。隣人の上限や重みで遅れは変わります。専用コアを割り当てると、ほかのドメインが計算しても、ハングしても、クラッシュしても、侵入を試みても、rtos-a は単独の場合と変わりません。続いて、別のスケジューラーの CPU プールで同じ測定を繰り返します。Xen の既定の credit2 では rtos-a が最大 10 ms 待ち、RTDS、null、専用のプールでは遅れません。',
  'try.noisyMeasure': '「レイテンシ」パネルの「測定 (stat)」を押します。',
  'expect.noisyMeasure': '最大レイテンシは数ミリ秒で、リリースのミスがあります。',
  'try.noisyPin': 'rtos-a に専用コアを割り当ててから、「レイテンシ」パネルで「やり直す」を押します。',
  'expect.noisyPin': 'そのコアを使用できるゲストはほかにないため、数マイクロ秒になります。',
  'try.noisyCap': '代わりに、隣人の CPU 時間を制限します。',
  'expect.noisyCap': '残りが空いていても、noisy はコアの 40 % までしか使用しません。',
  'about.weights':
    'このマシンの pCPU は 1 個で、どちらのドメインも CPU を使い続けます。heavy の重みは 512、light は 256 なので、credit スケジューラーは heavy に 2 倍の時間を配分します。',
  'try.weightsLook': 'CPU パネルを、仮想時間で数秒間観察します。',
  'expect.weightsLook': 'heavy が 3 分の 2、light が 3 分の 1 を使用します。',
  'try.weightsEqual': '重みを同じにします。',
  'expect.weightsEqual': 'それぞれがコアの半分を使用します。',
  'try.weightsCap': 'heavy をコアの 4 分の 1 に制限します。',
  'expect.weightsCap': '重みに関係なく heavy は 25 % になり、残りは light が使用します。',
  'about.rogue':
    'rogue は、ほかのドメインのメモリや Xen のレジスタへのアクセス、不正な引数のハイパーコール、CPU の占有、大量の呼び出しなど、20 通り以上の方法でドメインからの脱出を試みます。隣ではリアルタイム システムが動作しています。',
  'try.rogueRead': 'rogue のコンソールで、それぞれの試みの結果を確認します。',
  'expect.rogueRead':
    'どの試みもフォールトかエラーになるか、影響がなく、最後の行に、すべて封じ込められたと表示されます。',
  'try.rogueMeasure': 'rogue の試みがすべて終わってから、「レイテンシ」パネルの「やり直す」を押します。',
  'expect.rogueMeasure': 'rtos-a の遅れは数マイクロ秒だけです。',
  'about.redundancy':
    '2 つのチャネルが、それぞれ専用のコアで同じ処理を行いますが、プラントを制御するのは一方だけです。モニターは、各チャネルにグラントしたページで 1 ミリ秒ごとにハートビートを受け取ります。一方に障害が発生すると、もう一方がすぐに引き継ぎ、Domain-0 のスクリプトが障害の発生したチャネルを新しい予備として作成し直します。',
  'try.hang':
    'channel-a のコンソールで hang と入力して Enter キーを押します。crash、livelock、lose、corrupt も試せます。',
  'expect.hang': 'channel-a が破棄され、新しい番号で作成し直されます。channel-b にリリースのミスはありません。',
  'try.monitor': 'モニターのコンソールを確認します。s を入力すると状態が表示されます。',
  'expect.monitor': 'チャネル 1 がプラントを制御しており、出力が途絶えた時間は 5 ms 未満です。',
  'try.dom0': 'Domain-0 のカーネルをクラッシュさせます。',
  'expect.dom0':
    'すべてが停止します。Xen は 5 秒待ってからマシンを再起動します。予備のチャネルがあっても防ぐことはできません。',
  'about.scaling':
    '1 つのコンフィギュレーション ファイルから多数のドメインを作成します。異なる名前とアドレスは、xl のコマンド ラインで後ろに指定します。1 つ追加するごとに Domain-0 にかかる時間は同じで、必要なメモリはドメインの分と、Xen のテーブルの分がわずかです。待機中のドメインは CPU を使わないため、32 個あってもこのマシンの 2 個の pCPU は待機します。pCPU を使い切ると、重みと上限で配分が決まります。',
  'try.scalingCopies': 'さらに 7 つ作成します。',
  'expect.scalingCopies': '仮想時間で約 130 ms ごとに、copy-2 から copy-8 がドメインの一覧に現れます。',
  'try.scalingPing': 'その 1 つに問い合わせます。',
  'expect.scalingPing': 'copy-5 が自身のアドレスで応答します。',
  'try.scalingBusy': '2 個の pCPU を使い切るドメインを作成し、1 つの重みを 2 倍にします。',
  'expect.scalingBusy': 'CPU の列で、busy-1 はほかの 2 倍を使用します。',
  'about.smmu':
    'ステージ 2 変換はドメインのプロセッサからのアクセスを制限しますが、メモリを自ら読み書きするデバイス (DMA マスター) のアクセスは通りません。SMMU はデバイスに対して同じ役割を果たします。Xen は、ドメインの DMA チャネルのアドレスを、そのドメイン自身のテーブルで変換させます。ここでは、ドメイン dma がコンフィギュレーションの dtdev によってボードのチャネルを 1 つ持ちます。チャネルはドメイン内ではコピーできますが、外側のフレームへのアクセスは拒否されてログに記録され、ほかのドメインには影響しません。iommu=off では、同じ書き込みが隣接ドメインのメモリを変更します。',
  'try.smmuCopy': 'dma のコンソールで copy、続けて、自身のものではないフレームに write 0x1000 と入力します。',
  'expect.smmuCopy':
    'コピーは完了し、書き込みは拒否されます。Xen のシリアル コンソールには、アドレスとともに “Unhandled context fault” と表示されます。',
  'try.smmuWrite':
    'neighbour のコンソールのフレームを Xen に表示させ ([0x000] の後の 2 列目)、dma のコンソールでそこに write します。',
  'expect.smmuWrite': 'これも拒否されます。neighbour のコンソールに変化はなく、copy は引き続き動作します。',
  'try.smmuOff':
    '別のデバイス ツリーで、iommu=off を指定して Xen を起動します。続けて xl create /etc/xen/dma-bare.cfg を実行し、フレームを確認し直して write します。',
  'expect.smmuOff':
    'IOMMU がないため、xl は dtdev を拒否します。dtdev なしでは書き込みが行われ、neighbour は 512 バイトが変更されたと表示します。',
  'about.revisions':
    'ドメインはプレーン テキスト ファイルであるため、プログラムと同様にリビジョン管理できます。/etc/xen のファイルを保存するたびに Domain-0 の Git リポジトリのコミットになり、xl はそこにあるどのリビジョンからでもドメインを作成し直せます。リビジョン パネルには、変更点と、どのドメインでどのリビジョンが実行されているかが表示され、古いリビジョンを復元できます。',
  'try.revisionsSave': 'rtos-b のコンフィギュレーションを変更して保存し、リビジョン パネルを開きます。',
  'expect.revisionsSave': '新しい行が追加され、rtos-b の作成後にファイルが変更されたことが示されます。',
  'try.revisionsLog': 'Domain-0 で履歴を読みます。',
  'expect.revisionsLog': '各コミットとその差分が、通常の git と同じ形式で表示されます。',
  'try.revisionsBundle':
    'リビジョン パネルの「バンドルとしてダウンロード」をクリックし、お使いのコンピューターでクローンします。',
  'expect.revisionsBundle': 'git clone xen.bundle により、全履歴を含むリポジトリが作成されます。',
  'about.life-cycle':
    'xl はドメインのライフ サイクル全体を管理します。電源オフ、再起動、クラッシュ、ウォッチドッグのときの動作はコンフィギュレーションで指定します。破棄、再作成、保持のほか、先にメモリとレジスタをファイルへ書き出すこともできます。xl は各手順を /var/log/xen に記録します。',
  'try.lifeCrash': 'rtos-a のコンソールで crash と Enter を入力し、Domain-0 で /var/log/xen/xl-rtos-a.log を読みます。',
  'expect.lifeCrash': 'rtos-a はなくなります。コンフィギュレーションに指定がなければ on_crash は destroy です。',
  'try.lifeDump': '実行中の rtos-a のコア ダンプを作成します。',
  'expect.lifeDump': '/root に 16 MiB のファイルが作成されます。ダウンロードすると gdb-multiarch -c で読めます。',
  'try.lifeSave': 'rtos-a を別のホスト用に保存します。',
  'expect.lifeSave': 'command not implemented と表示されます。Arm 用の Xen はドメインの保存も移行もできません。',
  'about.acceleration':
    '2 つのドメインが、それぞれ専用のコアで同じ機械語を実行します。fast は ARMv8 の仮想化支援、つまり 2 段階目のアドレス変換、仮想割り込みインターフェイス、仮想タイマーを使用します。slow はいずれも使用しません。変換テーブルへの書き込み、TLB の無効化、割り込みコントローラーとタイマーへのアクセスのたびに EL2 に入り、EL2 がソフトウェアで処理します。このモードはこのシミュレーター独自のものです。実際の Arm 用 Xen は常にハードウェアを使用します。',
  'try.accelPages': 'fast のコンソールで pages と入力し、次に slow のコンソールでも入力します。',
  'expect.accelPages': 'チェックサムは同じで、slow の速度は約 40 分の 1 です。',
  'try.accelCpu': 'slow の動作中に CPU パネルを見ます。',
  'expect.accelCpu': 'slow のコアでは Xen が 9 割を使用し、fast のコアではほとんど使用しません。',
  'try.accelConfig':
    'slow のコンフィギュレーションで el2lab_unaccelerated を 0 にして保存し、ドメインを作成し直します。',
  'expect.accelConfig': 'slow が fast と同じ速さになります。',
  'about.linux':
    '変更していない Debian の Linux が、pCPU 2 と 3 のドメインで動作します。隣では、リアルタイム システムが pCPU 1 を専用で使用しています。',
  'try.linuxBoot': 'Linux のコンソールでブートを観察し、シェルを使用します。',
  'expect.linuxBoot': '仮想時間で約 1 秒後にプロンプトが表示されます (実際の時間では 30 秒ほどかかることがあります)。',
  'try.linuxBusy': 'Linux に負荷をかけます。シェルで yes > /dev/null & と入力します。',
  'expect.linuxBusy': 'ドメインの一覧で linux がコアの 100 % を使用します。',
  'try.linuxMeasure': '「レイテンシ」パネルの「やり直す」を押します。',
  'expect.linuxMeasure': 'Linux が何をしていても、rtos-a の遅れは数マイクロ秒だけです。',
  'about.network':
    '2 つの Linux ドメインが、それぞれ仮想インターフェイスでブリッジ xenbr0 に接続しています。Domain-0 も接続しており、アドレスを割り当て、ドメイン名を解決し、/srv を公開します。',
  'try.networkFetch':
    'linux-a がアドレスを取得したら、そのコンソールで wget -qO - http://linux-b と入力して Enter キーを押します。',
  'expect.networkFetch': 'linux-b からの 1 行が表示されます。http://dom0 も応答します。',
  'try.networkVcpu': 'linux-a に 2 つ目の vCPU を割り当てます。',
  'expect.networkVcpu': '1 秒後、xl vcpu-list linux-a に表示され、コンソールの nproc は 2 を返します。',
  'try.networkMemory': 'linux-a からメモリを回収します。',
  'expect.networkMemory': 'バルーン ドライバーが 64 MiB を返します。xl list で確認できます。',

  'tour.of': '{step}/{steps}',
  'tour.back': '戻る',
  'tour.next': '次へ',
  'tour.end': '完了',
  'tour.later': '後で続ける',
  'tour.skip': 'ツアーを終了',
  'tour.there': 'パネルへ移動',
  'tour.done': '完了しました。次へ進めます。',
  'tour.see': '画面の見方',
  'tour.seeText':
    'Xen のドメインです。管理ツールを持つ Domain-0、リアルタイム システム 2 個、ノイジー ネイバー (noisy) の状態と CPU 使用率が表示されます。ドメインの色はどのパネルでも同じです。クリックするとコンソールが開き、⋯ で操作を選べます。',
  'tour.console': 'Domain-0 のコンソール',
  'tour.consoleText':
    '実際のシステムと同じように、xl コマンドで Xen を操作します。マウスによる操作もここにコマンドとして入力されます。コマンドを入力させて、Enter キーを押してください。',
  'tour.cpu': 'コアの使用状況',
  'tour.cpuText':
    'コアごとに 1 レーンで、ドメインの色で表示されます。3 つのドメインが割り当てられた pCPU1 は使用率が 100 % ですが、ほかのコアは空いています。「表」で数値を確認できます。',
  'tour.latency': 'リアルタイム性を取り戻す',
  'tour.latencyText':
    '「測定 (stat)」を押すと、rtos-a が制御タスクの遅れを答えます。表示されたコマンドをクリックし、Domain-0 のコンソールで Enter キーを押してから、「やり直す」を押してください。ミリ秒の遅れがマイクロ秒になります。',
  'tour.edit': 'ドメインを作成する',
  'tour.editText':
    'ドメインのコンフィギュレーション ファイルです。たとえば memory を 32 に変更してください。誤りは入力中に示されます。次に、先頭の行の上にある「このドメインを作成」をクリックするか、Ctrl+Enter キーを押します。新しいドメインが一覧に現れ、クリックすると対話できます。',

  'domain.disks': 'ディスク',
  'domain.interfaces': 'ネットワーク インターフェイス',
  'domain.attach': '接続',
  'domain.attachInterface': '別のインターフェイスを接続:',
  'domain.detach': '切り離す',
  'domain.access': 'アクセス',
  'domain.readWrite': '読み書き',
  'domain.readOnly': '読み出し専用',
  'domain.noDisk':
    'Domain-0 に接続できるディスクがほかにありません。ファイル パネルの「+ ディスク」で作成できます。アップロードしたイメージは /var/lib/xen/images に入ります。',

  'card.slot': 'SD スロット',
  'card.empty':
    'スロットは空です。カードはユーザー ファイルで、ゲストが書き込んだ内容も含みます。マシンの実行中に挿入するか、イメージをページにドロップしてください。',
  'card.name': '名前',
  'card.size': 'サイズ',
  'card.contents': '内容',
  'card.asInserted': '挿入時の状態。',
  'card.asRead': '仮想時間 {time} の状態。',
  'card.kept': 'このブラウザーに保存されています。',
  'card.stored': 'このブラウザーのストレージにあります。',
  'card.unkept': 'このブラウザーには保存されていません。',
  'card.read': 'カードを読み出す',
  'card.readHow': 'ゲストが書き込んだ内容を読み出して保存',
  'card.download': 'イメージをダウンロード',
  'card.downloadNamed': '{name} をダウンロード',
  'card.eject': '取り出す',
  'card.ejectHow':
    'カードをスロットから取り出します。ゲストが書き込んだ内容はカードに残ります。実機と同様に、先にアンマウントしてください。',
  'card.insert': '挿入',
  'card.insertNamed': '{name} を挿入',
  'card.files': 'カード上のファイル ({type})',
  'card.filesOfNew': '新しいカードのファイル',
  'card.noFiles': 'ここで読み出せるファイル システム (FAT、ext2、ext3、ext4) がありません。',
  'card.damaged': 'ファイル システムを読み出せません: {reason}',
  'card.more': 'ほか {count} 個',
  'card.new': '新しいカード',
  'card.addFiles': 'ファイルを追加…',
  'card.takeOut': '削除',
  'card.make': 'カードを作成して挿入',

  'domain.scheduler': 'スケジューラー',
  'domain.inPool': '({pool})',
  'domain.period': '周期 (µs)',
  'domain.budget': 'バジェット (µs)',
  'domain.extratime': '追加時間',
  'domain.parameterOf': 'vCPU {vcpu} の{parameter}',
  'domain.microseconds': '10 以上のマイクロ秒。バジェットは周期以下',
  'domain.extratimeTakes': '1: 予約されていない時間も使用、0: 使用しない',
  'revisions.noFile': 'ファイルをエディターで開くと、そのリビジョンがここに表示されます。',
  'revisions.none': 'リビジョンはまだありません。/etc/xen のファイルを保存するたびに作成されます。',
  'revisions.elsewhere': 'リビジョンがあるのは /etc/xen のファイルのみです。',
  'revisions.bar': 'ファイルとそのリポジトリ',
  'revisions.branch': 'ブランチ',
  'revisions.switch': '切り替え',
  'revisions.noBranch': 'ブランチなし',
  'revisions.newBranch': '新しいブランチ',
  'revisions.makeBranch': '作成',
  'revisions.import': 'バンドルをインポート…',
  'revisions.importHow': 'バンドルのブランチは bundle/名前 として取り込まれ、何も置き換えられません: git fetch',
  'revisions.bundle': 'バンドルとしてダウンロード',
  'revisions.bundleHow': '全履歴を 1 つのファイルに: git clone xen.bundle',
  'revisions.table': '{path} のリビジョン',
  'revisions.diff': '比較',
  'revisions.restore': '復元',
  'revisions.close': '閉じる',
  'revisions.compare': '{path}: {id} と現在',
  'revisions.now': '現在',
  'revisions.runs': 'はリビジョン {id} を実行しています。',
  'revisions.runsOther': 'はリビジョンではないテキストを実行しています。',
  'revisions.changed': 'その後、ファイルは変更されています。',
  'network.empty': 'マシンが実行されると、そのネットワークのインターフェイスがここに表示されます。',
  'network.host':
    '{bridge}: {name} ({address}) は内蔵ホスト (モデル) です。DHCP でアドレスを割り当て、ARP、ping、DNS に応答し、HTTP でファイルを提供します。',
  'network.table': 'インターフェイス',
  'network.port': 'インターフェイス',
  'network.on': '({bridge})',
  'network.station': 'MAC、アドレス',
  'network.from': '送信',
  'network.fromHow': '接続先が送信したフレーム数とバイト数 (ip -s link では、このインターフェイスの RX)',
  'network.to': '受信',
  'network.toHow': '接続先が受信したフレーム数とバイト数 (ip -s link では、このインターフェイスの TX)',
  'network.lost': '損失',
  'network.lostHow': '転送できなかったフレーム、またはキューに空きがなかったフレーム',
  'network.builtIn': '内蔵ホスト',
  'network.gone': '現在は存在しません',
  'network.capture': 'キャプチャ',
  'network.start': '開始',
  'network.startOf': '{port} のキャプチャを開始',
  'network.again': 'やり直す',
  'network.stop': '停止',
  'network.stopOf': '{port} のキャプチャを停止',
  'network.running': 'キャプチャ中',
  'network.captured': '{count} フレーム · {size}',
  'network.missed': '空きがなく、{count} フレームを記録できませんでした',
  'network.saveOf': '{port} のキャプチャを .pcap でダウンロード',
  'network.saveHow': 'Wireshark または tshark 用にダウンロード。時刻はマシンの仮想時間です',
  'network.removeOf': '{port} のキャプチャを削除',

  'help.board':
    'シミュレーションされた ZCU102 です。コア、メモリ、および DRAM に読み込まれたゲストを示します。コアのバーは使用率、つまり直近の仮想時間のうち待機していなかった時間の割合です。Linux のブート中は、ブートの各段階が Linux 自身のログの時刻と共に表示されます。値はマシンから取得されます。設定は次回のブートで有効になります。ユーザー ファイルはこのブラウザーに保存されます。',
  'help.serial':
    'ゲストが UART 0 (Cadence、FF000000、ttyPS0) の送信 FIFO に書き込んだバイトです。キー入力は受信 FIFO に送られます。',
  'help.card':
    'シミュレーションされたボードの SD スロット (SD1、Linux では mmcblk0) のカードです。カードはユーザー ファイルの 1 つで、再ブートしてもスロットに残ります。「カードを読み出す」で、ゲストが書き込んだ内容がファイルに反映されます。取り出しと再ブートでも同様です。フラッシュやアンマウントの前は、すべてが書き込まれていない場合があります。',
  'help.registers':
    '一時停止中のマシンの 1 つのコアのレジスタです。前回の停止時から変化した値は太字で示します。ステップ実行はこのコアの 1 命令を実行します。Xen ではコアの vCPU も示します。Xen 自体はモデルなので、EL2 では 1 ステップが Xen の処理全体です。',
  'help.log':
    'マシンのメッセージです。読み込まれたゲスト、ファームウェア呼び出し、およびモデルのないレジスタへのアクセス (デバイスとオフセットごとに 1 回) を示します。時刻は仮想時間です。',
  'help.domains':
    'Xen 自身のリストから取得したドメインの一覧です。番号、名前、xl の文字で表した状態、および仮想時間で直近 1 秒間の CPU 時間 (物理 CPU 1 個に対する割合) を示します。⋯ メニューの操作は、xl コマンドとして Domain-0 に入力され、画面で確認できます。',
  'help.domain':
    '1 つのドメインの詳細です。Xen と libxl の情報、各 vCPU が最後に Xen に移った理由 (ESR_EL2、FAR_EL2、HPFAR_EL2)、およびレジスタ (Xen が退避したもの、または pCPU にあるもの) を表示します。クラッシュ後は、クラッシュしたときのレジスタです。値を変更すると xl コマンドが Domain-0 に入力されます。Enter キーで実行してください。',
  'help.files':
    'Domain-0 のファイルです。/etc/xen にコンフィギュレーション ファイル、/guests にカーネルがあります。ファイルはシミュレーションされたマシンのメモリにあります。変更はこのブラウザーに保存され、次回の開始時に反映されます。保存の状態は最後の行に表示されます。Enter キーで開き、F2 キーで名前を変更し、Delete キーで削除します。削除は 2 分以内であれば元に戻せます。[ファイル] メニューで、すべてのファイルを zip でダウンロードまたはインポートできます。zip はページにドロップすることもできます。',
  'help.cpu':
    '物理 CPU の使用状況を仮想時間で示します。Xen では Xen 自身が記録した vCPU の CPU 時間、ボードでは各コアが実行した命令数によるものです。サンプル間隔は、直近 20 秒間が 10 ms、直近 10 分間が 100 ms です。アイドル時間は空白です。濃い色は EL2 自身の時間で、割り込まれた vCPU の時間に含まれます。ホイールで拡大/縮小、ドラッグで時間を移動、ダブルクリックで現在に戻ります。時点をクリックしてピン留めすると、別の時点と数値を比較できます。',
  'help.start': 'このページの概要、現在の動作、ツアーです。',
  'help.story':
    'ストーリーの説明、試すこと、測定する数値です。コマンドはコンソールに入力されるため、画面で確認できます。数値は、ゲストと Xen の応答です。ストーリーは、/etc/rc.local がドメインを作成する新しいマシンです。ユーザーの /etc/rc.local は、最初のセッション用に保存されています。',
  'help.placement':
    'ドメインからコアまでのマシン全体です。線は、直近 1 秒 (仮想時間) にドメインが実行されたコアを示し、太いほど長く実行されました。破線は、割り当てられていて使用しなかったコアです。数値は Xen 自身の記録によります。',
  'help.comparison':
    '実行中のドメインのうち、同じ名前の設定が /etc/xen にあるものを、Xen モデルと無修正の Xen 4.17 で (このマシンとは別のボードで) 作成し、同じ仮想時間だけ計測します。このマシンの実行は続きます。',
  'domain.exits': 'Xen へのトラップ',
  'domain.exitsHow': 'vCPU から Xen に移った回数 (理由別)',
  'exit.hypercall': 'ハイパーコール',
  'exit.wait': '待機 (WFI)',
  'exit.interrupt': '割り込み',
  'exit.distributor': 'GIC ディストリビューター',
  'exit.cpuInterface': 'GIC CPU インターフェイス',
  'exit.timer': 'タイマー',
  'exit.translationControl': '仮想メモリ レジスタ',
  'exit.tlbMaintenance': 'TLB 保守',
  'exit.tableWrite': 'テーブルへのストア',
  'exit.shadowFill': 'シャドウ テーブル',
  'exit.other': 'その他',
  'domain.credit': 'クレジット',
  'domain.creditHow': 'Xen のスケジューラーが vCPU について現在保持している値 (メモリから読み出したもの)',
  'comparison.about':
    '同じドメインを、同じボード上の Xen モデルと無修正の Xen 4.17 (Debian の Domain-0) で実行し、CPU 時間、トラップの回数、RTOS のレイテンシを比較します。',
  'comparison.none': '同じ名前の設定が /etc/xen にあるドメインは実行されていません。',
  'comparison.seconds': '計測時間 (仮想秒)',
  'comparison.run': '比較',
  'comparison.stop': '停止',
  'comparison.onModel': 'Xen モデル:',
  'comparison.onBinary': 'Xen 4.17:',
  'comparison.table': 'モデルと Xen 4.17',
  'comparison.domain': 'ドメイン',
  'comparison.model': 'Xen モデル',
  'comparison.binary': 'Xen 4.17',
  'comparison.difference': '差',
  'comparison.share': 'CPU 時間 (pCPU 1 個に対する割合)',
  'comparison.hypercalls': 'ハイパーコール',
  'comparison.waits': 'トラップされた待機 (WFI)',
  'comparison.p50': 'レイテンシ p50',
  'comparison.p99': 'レイテンシ p99',
  'comparison.max': 'レイテンシ最大',
  'help.revisions':
    'エディターのファイルのリビジョンを新しい順に示します。/etc/xen での保存はそれぞれ、Domain-0 で /etc/xen/.git の Git リポジトリのコミットになります。時刻は Domain-0 のクロックです。Domain-0 のシェルでは git log や git diff などを使用できます。バンドルは git clone で読み込めます。',
  'help.translation':
    'ドメイン、vCPU (実行中でなくても可)、コア、または SMMU の DMA マスターのアドレスがどのように変換されるかを示します。ディスクリプターは読み出された順に、すべてのビットとともに表示されます。2 つのステージがある場合、ステージ 1 のディスクリプターの場所はステージ 2 で変換されます。マシン自身のウォーカーによる結果で、表示してもマシンは変わりません。マップは、同じテーブルからアドレス空間のマッピングを示します。グラントで共有されるページは Xen の内部情報で、モデルでのみ表示されます。',
  'help.timeline':
    '各 pCPU でどの vCPU が実行され、いつ Xen が処理したかを示します。その下は、各 vCPU の実行、pCPU の待ち (細い線)、ウェイクアップ (矢印)、スケジューラーが管理する値です。このパネルを開いている間に記録されるマシン自身のイベントに基づき、記録してもマシンの動作は変わりません。ドラッグで移動、ホイールで拡大と縮小、Shift キーを押しながらドラッグで選択します。変更なしの Xen では、ウェイクアップは Xen が集計する時間から求めます。',
  'help.network':
    'マシンの仮想ネットワーク: ブリッジのポート、各ポートの先で送信した相手、通過した量 (ブリッジ自身のカウンター)。キャプチャは、ポートを通過するフレームをマシンの時刻とともに記録します。マシンの動作には影響しません。ファイルは Wireshark で開けます。',
  'help.latency':
    'RTOS の 1 kHz 制御タスクのリリース レイテンシです。RTOS 自身が測定します。ボタンを押すと、RTOS のコンソールに stat と入力され、応答が読み取られます。外部からの測定は行いません。一覧には、コンソールに「Type stat」と表示したドメインだけが現れます。',
  'help.console':
    'マシンのコンソールです。Xen シリアルは Xen が出力する UART 0 です。Domain-0 は制御シェルの端末で、Linux ではなくモデルです。ゲストのコンソールは xenconsoled が処理するリングです。キー入力はコンソールに送られます。',
  'help.editor':
    'Domain-0 のファイルです。.cfg ファイルでは、xl が報告する箇所にマークが付き、クイック フィックス (Ctrl/Cmd+.) を使用できます。キーにポインターを合わせると説明が表示され、Ctrl+Space で補完されます。保存すると、マシン内のファイルに書き込まれます。保存していないテキストはこのブラウザーに保持され、再読み込み後に復元されます。',
};
