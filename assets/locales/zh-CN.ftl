### Invigil 的简体中文文本。两份目录的键与变量完全相同,由测试比对。
### “已保存”只指服务器已提交,其他任何状态都不得这样称呼。

## 时长
duration-hours = { $n } 小时
duration-minutes = { $n } 分
duration-seconds = { $n } 秒

## 教师：考场与电脑是否就绪
readiness = 考前检查
readiness-title = 都准备好了吗？
readiness-lead = 本清单每十秒自动重新检查。未就绪的项目会说明该怎么做。
readiness-good = 全部就绪。
readiness-look = 可以开考，另有 { $n } 项请留意。
readiness-bad = 有 { $bad } 项须在考前解决{ $look ->
    [0] 。
   *[other] ，另有 { $look } 项请留意。
 }
ready-go-codes = 考试码
ready-go-check = 检查电脑
ready-roster-none = 名单上没有人。
ready-roster-none-fix = 请导入学生名单：不在名单上的人无法进入。
ready-roster-n = 应到 { $n } 名学生。
ready-names-twice = 同名且没有学号和座位的学生：{ $list }。
ready-names-twice-fix = 请填写学号或座位，否则考试条会弄混。
ready-seats-all = 每个人都有座位。
ready-seats-some = { $n } 名学生没有座位，其他人有。
ready-seats-some-fix = 请安排座位，以免开考后有人站在门口。
ready-codes-all = 每个人都能进入。
ready-codes-missing = { $n } 名学生没有考试码。
ready-codes-missing-fix = 请生成缺少的考试码并打印考试条。
ready-paper-none = 考试还没有试卷。
ready-paper-none-fix = 请加入试题：没有试卷无法开放考场。
ready-paper-n = 试卷共 { $n } 题。
ready-keys-all = 可自动评分的题目都有答案。
ready-keys-missing = 没有答案的题目：{ $list }。
ready-keys-missing-fix = 请补充答案，或预留人工评分的时间。考后也可以补充。
ready-start-done = 已经开始。
ready-start-by-hand = 由监考人员手动开始。
ready-start-at = 自动开始：{ $time }。
ready-booking-fits = 考试在预订时段内结束（至 { $end }）。
ready-booking-short = 考试超出预订时段（{ $end }）：还差 { $missing }，所有人都会被截断。
ready-booking-short-fix = 请提前开始、缩短考试，或推迟预订的结束时间。
ready-booking-over = 考试会超出预订时段（{ $end }）{ $missing }。
ready-booking-over-fix = 请确保没有别人进入教室，或提前开始。
ready-booking-some = { $n } 名有额外时间的学生会被预订时段的结束（{ $end }）截断。
ready-booking-some-fix = 请推迟预订的结束时间，或安排他们在时间充足的地方考试。
ready-booking-some-over = { $n } 名有额外时间的学生会考到预订时段（{ $end }）之后。
ready-booking-some-over-fix = 请确保他们能留在原处、不受打扰。
ready-accommodations-n = { $n } 名学生有额外时间，按计划最晚到 { $last }。
ready-staff-alone = 只有你一个人能操作这个考场。
ready-staff-alone-fix = 请给一位同事授权，以防你的电脑出故障或你被叫走。
ready-staff-no-time = { $n } 位同事有权限，但都不能改动时间。
ready-staff-no-time-fix = 请给其中一位改动时间的权限，否则出了状况只能等你。
ready-staff-n = 另有 { $n } 位同事可以操作。
ready-others-n = 同一时间另有 { $n } 个考场。
ready-others-place = 同一时间同一地点还安排了另一场考试。
ready-others-place-fix = 请核对两场考试的时间和地点。
ready-computers-none = 电脑还没有检查过。
ready-computers-none-fix = 请在前一天检查：只要一分钟，不需要账号。
ready-computers-waiting = 电脑检查已打开，但还没有电脑报告。
ready-computers-waiting-fix = 请在每台电脑上打开检查地址。
ready-computers-some = { $n } 台电脑中 { $ready } 台就绪。
ready-computers-some-fix = 请查看其余电脑的问题，或空出那些座位。
ready-computers-few = { $n } 台电脑中 { $ready } 台就绪，应到 { $people } 名学生。
ready-computers-few-fix = 请把其余的也检查一遍。
ready-computers-all = { $n } 台电脑中 { $ready } 台就绪。
ready-clock-agrees = 本机时钟与服务器一致。
ready-clock-ahead = 本机时钟比服务器快 { $off }。
ready-clock-ahead-fix = 报时请以页面为准，不要看屏幕角落：学生看到的是服务器的时钟。
ready-clock-behind = 本机时钟比服务器慢 { $off }。
ready-clock-behind-fix = 报时请以页面为准，不要看屏幕角落：学生看到的是服务器的时钟。
ready-address-secure = 学生所写的内容加密传输。
ready-address-plain = 地址是未加密的 HTTP：同一网络中的人都能看到内容。
ready-address-plain-fix = 请只在可信的网络中使用，或请管理员配置证书。
ready-address-only-here = 只有这台电脑本身能访问服务器。
ready-address-only-here-fix = 请管理员让服务器监听网络（--listen），并使用学生将要输入的地址。
ready-database-saves = 可以保存答案。
ready-database-away = 现在无法保存答案。
ready-database-away-fix = 请联系管理员：数据库无法连接，或磁盘已满。
ready-disk-good = 可用于保存答案的空间：{ $size } GB。
ready-disk-little = 可用于保存答案的空间：{ $size } GB。
ready-disk-little-fix = 请清理磁盘：备份需要与数据库同样大的空间。
ready-disk-full = 可用于保存答案的空间：{ $size } GB。
ready-disk-full-fix = 请立即清理磁盘：空间用尽后答案只能留在学生的电脑上。
ready-backup-good = 最新的备份是 { $age } 前的。
ready-backup-off = 本服务器不做备份。
ready-backup-off-fix = 请向管理员确认由谁备份。
ready-backup-none = 还没有备份。
ready-backup-none-fix = 第一次备份在今晚进行；也可用 `invigil backup` 立即备份。
ready-backup-old = 最新的备份是 { $age } 前的。
ready-backup-old-fix = 请管理员查明原因；也可用 `invigil backup` 立即备份。
ready-backup-failed = 上一次备份失败。
ready-backup-failed-fix = 请管理员查看服务器日志；`invigil doctor` 会说明更多。
ready-nodes-heard = 各服务器之间通信正常。
ready-nodes-cut = 各服务器之间无法通信：一台上的操作最多 5 秒后才在其他服务器上显示。
ready-nodes-cut-fix = 请管理员检查 NATS。可以开考。
ready-server-clock-off = 服务器启动后其时钟被改动了 { $off }。
ready-server-clock-off-fix = 正在进行的考试不受影响。请管理员在下一场考试前检查。
check-title = 检查电脑
check-lead = 请在每台要使用的电脑上打开下面的地址。电脑会自行检测并报告到本页，不需要账号或考试码。
check-open = 请在每台电脑上打开
check-qr = 同一地址的二维码
check-until = 接收报告至 { $time }。
check-close = 停止接收报告
check-closed = 没有打开的检查
check-begin = 开始检查
check-again = 新的检查从空列表开始。
check-computers = 电脑
check-nobody = 还没有电脑报告。
check-count = { $all } 台中 { $ready } 台就绪
check-unnamed = 未命名的电脑（{ $mark }）
check-is-ready = 已就绪
check-is-not = 未就绪

## 教师：模拟考生的演练
rehearsal = 演练
rehearsal-lead = 模拟学生从学生将要输入的地址进入，作答本考场的试卷半分钟，然后交卷。他们在单独的考场中，任何列表都不显示，不计入任何统计，结束后即被删除。
rehearsal-people = 模拟学生人数
rehearsal-begin = 开始演练
rehearsal-stop = 停止并删除
rehearsal-so-far = { $people } 名模拟学生中 { $n } 名已进入。
rehearsal-answers = 已保存 { $n } 个答案。
rehearsal-was-good = { $time } 的演练顺利。
rehearsal-was-look = { $time } 的演练有需要留意之处。
rehearsal-was-bad = { $time } 的演练发现了须解决的问题。
ready-go-rehearsal = 演练
ready-rehearsal-none = 还没有演练过。
ready-rehearsal-none-fix = 一分钟的模拟班级即可看出服务器和网络能否承受。
ready-rehearsal-running = 演练正在进行。
ready-rehearsal-running-fix = 会自行结束。
ready-rehearsal-well = { $time } 的演练顺利。
ready-rehearsal-bad = { $time } 的演练发现了须解决的问题。
ready-rehearsal-bad-fix = 请查看所发现的问题，然后再演练一次。
ready-re-running = 正在进行。
ready-re-running-fix = 会自行结束。
ready-re-stopped = 已被停止。
ready-re-stopped-fix = 请重新开始一次。
ready-re-failed = 模拟学生无法考试。
ready-re-failed-fix = 请管理员检查服务器能否访问自己的公开地址，并查看日志。
ready-re-entered = 全部 { $n } 名模拟学生都已进入。
ready-re-entered-not = { $people } 名模拟学生中有 { $n } 名未能进入。
ready-re-entered-not-fix = 请管理员检查：服务器或其前面的设备接受的连接太少。
ready-re-saved = 全部 { $n } 个答案都已保存并在数据库中找到，没有丢失。
ready-re-lost = 有 { $n } 个显示已保存的答案缺失。
ready-re-lost-fix = 请勿在此服务器上考试。请保留日志并报告。
ready-re-unsaved = { $given } 个答案中有 { $n } 个未得到确认。
ready-re-unsaved-fix = 对这么多人来说服务器太慢，或网络出了故障。请管理员检查。
ready-re-nothing = 没有作答。
ready-re-nothing-fix = 请再演练一次；若仍如此，请管理员查看服务器日志。
ready-re-wait = 等待确认最长 { $seconds } 秒。
ready-re-wait-long = 等待确认最长 { $seconds } 秒。
ready-re-wait-long-fix = 可以开考。请管理员检查磁盘是否太慢（`invigil doctor`）。
ready-re-wait-bad = 等待确认最长 { $seconds } 秒。
ready-re-wait-bad-fix = 太久了。请管理员检查机器是否繁忙或磁盘是否太慢（`invigil doctor`）。
ready-re-handed-in = 所有人都已交卷。
ready-re-handed-in-not = 有 { $n } 人未能交卷。
ready-re-handed-in-not-fix = 请管理员查看服务器日志。

## 在被检查的电脑上
pc-title = 这台电脑准备好了吗？
pc-noscript = 此浏览器关闭了脚本。请打开脚本后重新打开本页。若要照实告诉老师，请填写表单。
pc-form = 此浏览器太旧，不能用于考试，或屏蔽了脚本。请换一个浏览器或一台电脑。若要告诉老师是哪一台，请填写表单。
pc-name = 这台电脑的编号或名称
pc-name-help = 如桌上所贴，例如 12。此浏览器会记住。
pc-code = 检查码
pc-code-help = 由老师提供。不填则只有本页知道结果。
pc-try = 重新检测并报告
ready-pc-old = 此浏览器太旧。
ready-pc-old-fix = 请使用新版 Firefox、Chrome、Edge 或 Safari。
ready-pc-scripts-off = 此浏览器不运行脚本。
ready-pc-scripts-off-fix = 请打开脚本，或换一个浏览器。
ready-pc-scripts = 浏览器足够新。
ready-pc-socket = 实时连接（WebSocket）正常。
ready-pc-socket-silent = 实时连接（WebSocket）能打开，但不能传输。
ready-pc-socket-silent-fix = 被代理或安全软件拦住。请管理员对本地址放行 WebSocket。
ready-pc-socket-blocked = 实时连接（WebSocket）被阻止。
ready-pc-socket-blocked-fix = 被代理或安全软件禁止。请管理员对本地址放行 WebSocket。
ready-pc-keeps = 关闭浏览器后答案仍会保留在本机。
ready-pc-keeps-not = 此浏览器不保留任何内容。
ready-pc-keeps-not-fix = 请退出无痕模式、允许网站数据，或换一个浏览器：否则断网时答案会丢失。
ready-pc-space = 可用于答案的空间只有 { $size } MB。
ready-pc-space-fix = 请清理这台电脑的磁盘。
ready-pc-cookies = Cookie 可以保留。
ready-pc-cookies-not = Cookie 被阻止。
ready-pc-cookies-not-fix = 请对本地址允许 Cookie。
ready-pc-clock = 本机时钟与服务器一致。
ready-pc-clock-ahead = 本机时钟快 { $off }。
ready-pc-clock-ahead-fix = 请校准，以免误导。考试自己的时钟不受影响。
ready-pc-clock-behind = 本机时钟慢 { $off }。
ready-pc-clock-behind-fix = 请校准，以免误导。考试自己的时钟不受影响。
ready-pc-encrypts-not = 保留在本机的答案无法加密。
ready-pc-encrypts-not-fix = 请使用新版浏览器。
ready-pc-screen = 窗口足够宽。
ready-pc-screen-narrow = 窗口较窄。
ready-pc-screen-narrow-fix = 请放大窗口，或横放设备。
ready-pc-screen-small = 窗口太小，无法考试。
ready-pc-screen-small-fix = 请放大窗口，或换一台设备。
js-check-trying = 正在检测这台电脑……
js-check-ready = 这台电脑已就绪。
js-check-not-ready = 这台电脑未就绪。
js-check-told = 已告诉老师。请填写这台电脑的编号，方便查找。
js-check-told-as = 已告诉老师，名称为“{ $name }”。
js-check-not-told = 未能告诉老师：
js-check-good = 良好
js-check-look = 请留意
js-check-bad = 未就绪

## 所有页面
skip = 跳到正文
language = 语言
sign-out = 退出
ok = 知道了
try-again = 重试
where = 当前位置
list-comma = {"、"}
true = 对
false = 错
error-back = 返回

## 入口
home-title = 进入考试
home-lead = 请输入考试条上的考试码。没有考试码可向老师索取。
home-code = 考试码
home-code-help = 大小写均可，有无空格均可。
home-enter = 继续
home-staff = 教师登录

## 确认本人
confirm-title = 请确认是你本人
name = 姓名
number = 学号
class = 班级
seat = 座位
seat-n = { $seat } 号
starts = 开始
ends = 结束
allowance = 你的考试时长
this-is-me = 是我本人
not-me = 不是我
recorded-title = 会记录哪些内容
recorded-what = 你的答案及每次保存的时间、本页连接与断线的时刻、本页是否在最前、考试时间的变更，以及换用其他电脑的情况。
recorded-long = 保存多久:{ $length }
recorded-not = 不使用摄像头和麦克风，不截屏，不记录按键。

## 候考
waiting-title = 已进入，请等待
waiting-lead = 开考后本页会自动变为试卷，无需点击，也无需刷新。
waiting-at = { $time } 开始
waiting-know = 考前须知
clock-zone = 时间所用时区
know-saves = 每次作答都会自动保存，题目旁会写明是否已保存。
know-with-room = 全考场同时计时。迟到者不补时间。
know-on-entry = 拿到试卷时开始计时。
know-leave = 离开页面时还计时吗？计时。断线时同样计时。只有老师暂停考试时才停止计时。
know-end = 时间一到自动交卷，已保存的答案全部有效。
instructions = 考试说明

## 另一台电脑
asking-title = 你的考试已在别处打开
asking-text = 另一窗口或另一台电脑正在进行你的考试。已询问那边是否同意转到这里，老师也可以允许。
asking-wait = 正在等待答复，计时仍在继续。
takeover-title = 另一台电脑请求继续你的考试。
takeover-text = 是你本人吗？
yes-me = 是
no-not-me = 否
superseded-title = 你的考试已转到别处
superseded-text = 你的考试已转到另一窗口或另一台电脑，本页不能再作答。
superseded-safe = 已保存的答案都在那里。若非本人操作，请立即举手。
continue-here = 改回本页作答

## 试卷
no-script-title = 本页无法边写边保存
no-script = 浏览器已关闭脚本。请开启后刷新，或举手。
clock-left = 剩余时间
clock-runs = 离开本页或断线时仍在计时，只有老师暂停时才停止计时。
why-time = 时间是怎么算的？
hand-in = 交卷…
navigator = 题目
legend-saved = 已保存
question-n = 第 { $n } 题
points-n = { $n ->
   *[other] { $n } 分
}
kind-single = 单选
kind-multiple = 多选
kind-true_false = 判断
kind-numeric = 数值
kind-short = 简答
kind-essay = 论述
choose-one = 请选一项
choose-all = 请选出所有正确项
clear-choice = 清除选择
lost-title = 网络已断开
unkept-title = 答案既未暂存也未保存。
unkept-text = 请立即停笔举手。
keeps-nothing = 本机无法暂存答案：答案保存到服务器后才安全，且只有在连接正常时才能保存。如页面顶部显示“既未暂存也未保存”，请停笔举手。
file-why = 必须离开这台电脑？请带走你的答案：
file-save = 下载我的答案
file-have = 我有一个答案文件
file-take = 选择你下载的文件
js-file-taken = 已从文件读入 { $n } 个答案，正在发送。
js-file-unreadable = 这不是答案文件。
js-file-other = 这个文件属于其他考生或其他考试。
js-file-damaged = 文件已损坏，未读入任何内容。请举手。
time-changed = 你的考试时间有变
paused-title = 考试已暂停
paused-text = 计时已停止，不会损失时间。可以继续作答，答案照常保存。
desk = 消息与举手
sit-mail-none = 暂无消息。
sit-mail-write = 给监考老师留言
sit-mail-help = 由本考场的监考老师阅读。请勿在此作答。
sit-mail-send = 发送
sit-mail-close = 关闭
message-title = 监考老师的消息

## 交卷
review-title = 确定交卷吗？
review-final = 交卷后不能再修改。
review-confirm = 立即交卷
review-back = 返回试卷
ended-title = 已交卷
ended-text-candidate = 你于 { $time } 交卷。
ended-text-deadline = 时间到（{ $time }），已自动交卷。
ended-text-invigilator = 老师于 { $time } 结束了你的考试，已自动交卷。
receipt = 回执号
receipt-help = 回执号对应全部已保存的答案，可自行记下。
nothing-more = 无需再做任何操作。
finish = 完成，换下一位考生

## 由考生页脚本显示;{name} 由脚本填入
js-saved = 已保存 { $time }
js-unsaved = 尚未保存
js-kept = 暂存本机，尚未保存
js-unkept = 既未暂存也未保存
js-unanswered = 未作答
js-not-counted = 已存档，不计分：{ $why }
js-refused = 未能保存。{ $why }
js-why-late = 超过你的考试时间
js-why-ended = 考试结束后才送达
js-why-superseded = 较新的页面已作答此题
js-why-not_running = 开考前送达
js-all-saved = 全部已保存 { $time }
js-nothing-yet = 暂无需要保存的内容
js-some-refused = 有答案未被接收，请看该题说明
js-unsaved-n = 尚未保存：{ $n } 个
js-unkept-n = 既未暂存也未保存：{ $n } 个
js-conn-connecting = 正在连接…
js-conn-ok = 已连接
js-conn-lost = 网络已断开
js-conn-http = 已连接（较慢）
js-lost-n = 请继续作答：答案暂存在本机，恢复后自动发送。尚未保存：{ $n } 个。计时仍在继续。请勿关闭页面或重启电脑。超过 2 分钟未恢复，请举手。
js-lost-none = 请继续作答：此前的答案全部已保存，之后写的内容暂存在本机，恢复后自动发送。计时仍在继续。请勿关闭页面或重启电脑。超过 2 分钟未恢复，请举手。
js-back-n = 网络已恢复，{ $n } 个待发答案已全部保存（{ $time }）。
js-back-one = 网络已恢复，待发的 1 个答案已保存（{ $time }）。
js-back-none = 网络已恢复，答案全部已保存。
js-end-later = 你的结束时间改为 { $new }（原为 { $old }），延长 { $length }。
js-end-earlier = 你的结束时间改为 { $new }（原为 { $old }），缩短 { $length }。
aloud = 朗读剩余时间和保存情况
aloud-key = 或按
js-aloud-paused = 计时停在 { $length }。
js-end-new = 你的结束时间改为 { $new }。
js-end-withdrawn-earlier = 加时已撤回：你的结束时间恢复为 { $new }（原为 { $old }），缩短 { $length }。
js-end-withdrawn-later = 此前的变更已撤回：你的结束时间恢复为 { $new }（原为 { $old }），延长 { $length }。
js-because = 原因：{ $reason }。
js-left = 剩余 { $length }。
js-paused = 计时停在 { $length }，不会损失时间。可以继续作答，答案照常保存。
js-resumed = 考试继续。你的结束时间为 { $time }。
js-left-30m = 还剩 30 分钟。
js-left-10m = 还剩 10 分钟。
js-left-5m = 还剩 5 分钟。
js-left-1m = 还剩 1 分钟。
js-left-30s = 还剩 30 秒。
js-time-up = 时间到，正在自动交卷。
js-clock-about = 误差 { $n } 秒内
js-clock-hide = 隐藏时钟
js-clock-show = 显示时钟
js-clock-hidden = 已隐藏
js-starts-in = { $length }后开始
js-starts-soon = 即将开始…
js-starts-wait = 由老师宣布开始。
js-nav = 第 { $n } 题：{ $state }
js-flagged = 已标记
js-flag = 标记待查
js-unflag = 已标记待查
js-chars = { $n } / { $max } 字
js-review-some = 共 { $total } 题，还有 { $n } 题未作答，可返回继续。
js-review-one = 共 { $total } 题，还有 1 题未作答，可返回继续。
js-review-all = 共 { $total } 题，全部已作答。
js-review-unsaved = 尚未保存：{ $n } 个，交卷前会先发送。
js-submit-waiting = 正在保存最后 { $n } 个答案，随后交卷…
js-submit-missing = 有答案未送达，正在重新发送。
js-ended-candidate = 你于 { $time } 交卷。
js-ended-deadline = 时间到（{ $time }），已自动交卷。
js-ended-invigilator = 老师于 { $time } 结束了你的考试，已自动交卷。
js-ended-count = 共 { $total } 题，作答 { $answered } 题，全部已保存。
js-ended-unsent = 还有 { $n } 个答案未送达服务器。请勿关闭页面并举手。系统仍会继续发送，是否计分由老师决定。
js-ended-unsent-one = 还有 1 个答案未送达服务器。请勿关闭页面并举手。系统仍会继续发送，是否计分由老师决定。
js-ended-late = 结束后送达：{ $n } 个，已存档，是否计分由老师决定。
js-superseded = 你的考试已于 { $time } 转到另一窗口或设备，本页不能再作答。
js-superseded-unsent = 尚未保存：{ $n } 个，正在发送。请勿关闭本页。
js-takeover-allowed = 你已同意转到另一台电脑。
js-takeover-refused = 你已拒绝，请在本页继续。
js-stopped = 连接已终止
js-room-over = 本考场已关闭。你的试卷已安全存于服务器。
js-revoked = 你的准入已撤销，请举手。
js-h = { $n } 小时
js-m = { $n } 分
js-s = { $n } 秒
js-mail-unread = { $n } 条未读
js-mail-all = { $author }，发给全体
js-mail-you = { $author }，发给你
js-mail-own = 你，发给监考老师
js-mail-withdrawn = 已于 { $time } 撤回，不再有效。
js-mail-read = 已于 { $time } 阅读
js-mail-sent = 已发送，尚未阅读
js-mail-sending = 正在发送…
js-mail-failed = 未能发送。如有急事请直接举手。{ $why }
js-mail-more = 另有 { $n } 条，见“消息”。
js-mail-new = 监考老师的消息：{ $text }
js-hand-raise = 举手
js-hand-lower = 放下手
js-hand-up = 你已于 { $time } 举手，排在第 { $place } 位。
js-hand-coming = 你已于 { $time } 举手，老师正在过来。
js-hand-down = 你已放下手。
js-hand-failed = 未能送达服务器，请直接举手。

## 教师:登录与初次设置
login-title = 教师登录
login-name = 登录名
login-password = 密码
login-enter = 登录
login-student = 我是考生，有考试码
setup-title = 创建首个账号
setup-lead = 本服务器还没有账号。启动服务器的人可在其输出中看到一次性口令。
setup-secret = 一次性口令
setup-secret-help = 只能在此使用一次。
setup-name = 你的姓名
setup-password-help = 至少 10 个字符。一句短语既好记又难猜。
setup-enter = 创建账号并登录

## 教师:考场
rooms = 考场
rooms-count = { $running } 个进行中，共 { $total } 个
rooms-none = 还没有考场
rooms-none-text = 考场由试卷和名单组成，目前通过 API 创建。你可监看的考场会显示在这里。
rooms-docs = 打开 API 文档
room-by-hand = 手动开始
open-live = 实时考场
live = 实时考场
codes = 考试码
results = 成绩
timeline = 时间线
room-phase-scheduled = 未开放
room-phase-open = 已开放
room-phase-running = 进行中
room-phase-paused = 已暂停
room-phase-ended = 已结束
trouble-n = { $n ->
   *[other] { $n } 人需关注
}

## 教师:实时考场
clock-room = 考场时钟
head-starts = { $time } 开始
head-starts-by-hand = 点“开始”后开考
head-ends = { $time } 结束
head-running = 正在计时
head-paused = 全场计时已停止
head-ended = 已于 { $time } 结束
head-ended-plain = 已结束
head-last = 最后一名考生 { $time }
count-expected = 应到
count-here = 在线
count-working = 作答中
count-ended = 已交卷
count-absent = 缺考
count-trouble = 需关注
commands = 操作
for-everyone = 对全体
minutes = 分钟
verb-open = 开放
verb-open-help = 允许考生进入等候，试卷从此固定。
verb-start = 开始
verb-start-help = 开始计时。
verb-pause = 暂停
verb-pause-help = 停止计时，无人损失时间。
verb-resume = 继续
verb-resume-help = 恢复计时。
verb-extend = 加时
verb-extend-help = 改变结束时间，负数为减少。
verb-end = 结束…
verb-end-help = 为全体考生交卷。
cannot-now = 现在不可用：考场状态为“{ $phase }”。
delivery-of = { $total } 人中 { $n } 人已收到新时间。
delivery-seen-n = { $n } 人已确认看到。
delivery-missing = 未收到：{ $names }，重新连接后自动收到。
withdraw = 撤回
students = 考生
student = 考生
students-none = 名单还是空的。
search = 搜索
search-hint = 座位、姓名或学号
show = 显示
show-all = 全部
show-trouble = 需关注
show-here = 在线
show-working = 作答中
show-ended = 已交卷
show-absent = 缺考
select-all = 全选
select-one = 选择 { $name }
state = 状态
presence = 连接
answers = 已答
last-saved = 最后保存
extra = 加时
until-time = 至 { $time }
phase-expected = 未到
phase-waiting = 等候中
phase-working = 作答中
phase-paused = 已暂停
phase-ended = 已结束
ended-by-candidate = 主动交卷
ended-by-deadline = 到时交卷
ended-by-invigilator = 教师结束
presence-never = 未出现
presence-connected = 已连接
presence-slow = 已连接（较慢）
presence-unsteady = 不稳定
presence-lost = 断线
attention-here = 本页在前
attention-away = 离开本页
delivery-none = 无新变更
delivery-queued = 未送达
delivery-delivered = 已送达
delivery-seen = 已看到
trouble-lost = 断线 { $length }，最后保存 { $time }
trouble-lost-nothing = 断线 { $length }，尚无保存
trouble-takeover = 另一台电脑请求继续考试
trouble-absent = 已开考，仍未到
trouble-quiet = 已 { $length } 没有保存
trouble-quiet-nothing = 尚无任何保存
trouble-unsent = 结束时断线，可能有未送达的答案
mail = 消息
mail-none = 还没有消息。
mail-write = 写消息…
mail-write-one = 发消息…
mail-to = 发给：{ $who }
mail-to-all = 全体考生
mail-to-staff = 监考老师
mail-to-more = { $names } 等，另有 { $n } 人
mail-how = { $total } 人中 { $n } 人已收到，{ $seen } 人已读。
mail-how-missing = { $total } 人中 { $n } 人已收到，{ $seen } 人已读。未收到：{ $names }，连接后自动收到。
mail-read-at = 已于 { $time } 阅读
mail-unread = 尚未阅读
mail-withdrawn = 已于 { $time } 撤回。
mail-mark-read = 标为已读
mail-answer = 回复…
hands-n = { $n ->
   *[other] { $n } 人举手
}
hand-come = 我去处理
hand-coming-since = { $time } 起已有老师前往
hand-done = 已处理
compose-title = 写消息
compose-all = { $n ->
   *[other] 发给全考场 { $n } 名考生，之后到场者也会收到。
}
compose-some = { $n ->
    [one] 发给 { $names }
   *[other] 发给 { $n } 名考生：{ $names }
}
compose-text = 内容
compose-help = 考生会立即看到，并显示你的姓名。断线者重新连接后收到。
compose-send = 发送
templates = 常用语
template-keep = 存为常用语
template-kept = 已存为常用语。
template-dropped = 已删除该常用语。
template-drop = 删除常用语“{ $title }”
trouble-hand = 已举手 { $length }
trouble-hand-answered = 已举手 { $length }，有老师前往
allow = 允许
refuse = 拒绝
feed = 动态
timeline-all = 完整时间线
live-still = 数据为打开本页时的状态，刷新可更新
js-live-ok = 实时
js-live-stale = 本页数据已过 { $n } 秒，正在重新连接。
js-live-stopped = 已停止更新，请刷新本页。
js-live-held = 暂缓的更新：{ $n } 条
js-live-hold = 暂缓更新
js-live-go = 显示更新
js-for-all = 对全体（{ $n } 人）
js-for-some = 对所选 { $n } 人
js-rows-shown = { $n } / { $total }
js-preview-failed = 预览加载失败，未做任何更改。请重试。

## 教师:考场控制
verb-credit = 补回时间
verb-credit-help = 因意外情况按所填分钟补时，显示为补时。
verb-accommodate = 加时比例…
verb-accommodate-help = 为所选考生调整作答时长的比例，例如增加 25%。
verb-reopen = 重新开放…
verb-reopen-help = 让已结束的所选考生继续作答。
verb-terminate = 结束所选…
verb-terminate-help = 仅为所选考生交卷。
cannot-nobody = 请先选择考生。
js-cannot-some = 所选考生现在不可用此操作：{ $phases }。
js-cannot-room = 此操作针对整个考场，请先取消选择。
reason-none = 未说明原因
reason-choose = 请选择原因
percent = 加时百分比
preview-accommodate = 加时比例
preview-accommodate-means = 以此比例代替原有的比例。
confirm-accommodate = { $n ->
   *[other] 为 { $n } 人设置
}
typed-count = 请输入将结束的考生人数：{ $word }
typed-seat = 请输入将结束的考生座位：{ $word }
typed-help = 此操作无法一键撤回。
typed-wrong = 输入与旁边所示不符，未做任何更改。
undo = 撤销
close = 关闭
keys-open = 快捷键
keys-title = 本页快捷键
keys-lead = 不在输入文字时有效。
keys-search = 查找考生
keys-move = 在考生之间移动
keys-select = 选择或取消选择该考生
keys-extend = 为所选或当前考生加时
keys-message = 给所选或当前考生写消息
keys-help = 显示本列表
keys-on = 在此浏览器中使用这些快捷键
js-keys-no-row = 请先用方向键选中一名考生。
js-keys-picked = 已选择
js-keys-unpicked = 已取消选择
js-feed-pause = 暂停滚动
js-feed-go = 继续滚动
js-feed-new = 显示 { $n } 条新动态
js-alarm-many = 现在有 { $n } 名考生需要关注。
picked-commands = 操作
picked-clear = 取消选择
show-waiting = 未收到新时间
delivery-missing-more = 未收到：{ $names }，另有 { $n } 人；重新连接后自动收到。
delivery-show = 显示这些考生
delivery-each = 逐人查看
change-reach = 新时间
change-away = 不在场
change-queued-n = 未送达：{ $n } 人
change-delivered-n = 已送达：{ $n } 人
change-seen-n = 已看到：{ $n } 人
change-reverted = 此变更已撤回。

## 教师:操作预览
preview-open = 开放考场
preview-open-means = 考生可进入等候，试卷从此固定。
preview-start = 开始考试
preview-start-means = 开始计时，并向等候者发放试卷。
preview-pause = 暂停
preview-pause-means = 停止计时，不损失时间。考生可继续作答。
preview-resume = 继续
preview-resume-means = 恢复计时，暂停的时长加到各人的结束时间。
preview-extend = 更改时间
preview-extend-means = 考生立即收到新的结束时间和原因。
preview-credit = 补回时间
preview-credit-means = 考生立即收到新的结束时间和原因。
preview-end = 结束
preview-end-means = 以全部已保存的答案交卷。
preview-terminate = 结束这些考生的考试
preview-terminate-means = 以全部已保存的答案交卷。
preview-reopen = 重新开放作答
preview-reopen-means = 可继续作答，结束后的这段时间不计入。
preview-revert = 撤回变更
preview-revert-means = 以反向记录撤回，两者都保留在时间线中。
preview-room = 对整个考场。
preview-some = { $n ->
   *[other] 对所选 { $n } 名考生。
}
preview-again = 重新预览
preview-unchanged = 已经是这样
done-unchanged = 无需更改。
done-n = 已为 { $n } 名学生完成。
preview-affected = { $n ->
   *[other] 影响 { $n } 人。
}
preview-refused = { $n ->
   *[other] { $n } 人不受影响，原因见姓名旁。
}
spare-title = 有个人加时的考生
spare-yes = 保留加时，稍后结束
spare-no = 也立即结束
end-before = 原结束时间
end-after = 新结束时间
left-after = 剩余
reason = 原因
reason-text = 说明
reason-help = 考生会看到，并保留在时间线中。
clock-difference-accepted = 我已核对两边的时钟，按服务器时间开放考场。
proposal-outage = 服务中断了 { $length }。是否为当时正在作答的考生补回这段时间？
proposal-lost_time = { $who }：作答时间内断线 { $length }。是否补回？
proposal-late_paper = { $who }：试卷晚到 { $length }。是否补回？
proposal-accept = 补回
proposal-dismiss = 不补回
cancel = 取消
confirm-open = 开放考场
confirm-start = { $n ->
    [0] 立即开始
   *[other] 为 { $n } 人开始
}
confirm-pause = { $n ->
    [0] 暂停
   *[other] 暂停 { $n } 人
}
confirm-resume = { $n ->
    [0] 继续
   *[other] 让 { $n } 人继续
}
confirm-extend = { $n ->
   *[other] 更改 { $n } 人的时间
}
confirm-credit = { $n ->
   *[other] 为 { $n } 人补回时间
}
confirm-end = { $n ->
    [0] 立即结束
   *[other] 立即结束 { $n } 人
}
confirm-terminate = { $n ->
   *[other] 立即结束 { $n } 人
}
confirm-reopen = { $n ->
   *[other] 为 { $n } 人重新开放
}
confirm-revert = { $n ->
    [0] 撤回
   *[other] 撤回 { $n } 人的变更
}
reason-network = 网络故障
reason-power = 停电
reason-device = 电脑故障
reason-fire_alarm = 火警
reason-noise = 噪声或干扰
reason-illness = 身体不适
reason-accommodation = 特殊安排
reason-late_start = 开考延迟
reason-conduct = 纪律
reason-staff_error = 我方失误
reason-outage = 服务曾无法访问
reason-clock_step = 服务器时钟已校正
reason-lost_time = 连接中断
reason-late_paper = 试卷送达延迟
reason-other = 其他

## 时间的由来
explain-extension = 延长
explain-credit = 补时
explain-pause = 暂停
explain-outage = 服务中断
explain-reopened = 重新开放
explain-multiplier = 特殊安排
explain-base = 考试时长
explain-window = 考试时段截止

## 教师:考试码
codes-lead = 每人一张，打印、裁开、分发。一个考试码只能打开一名考生的考试。
codes-missing = { $n ->
   *[other] { $n } 名考生已进入，其考试码不再显示。
}
codes-unmade = 还有 { $n } 名学生没有考试码。
codes-make = 生成考试码
code-used = 已进入
code-unmade = 还没有考试码
print = 打印
qr = 打开考试的二维码

## 教师:成绩
results-provisional = 考场尚未结束，数据仍可能变化。
results-late = { $n ->
   *[other] { $n } 个答案已存档但不计分，以 ◦ 标出并注明原因。
}
results-legend = ✓ 正确 · ◐ 部分正确 · ✗ 错误 · – 未答 · ？未评分 · ◦ 另有较晚的答案已存档，不计分
not-counted-mark = ◦
statistics = 统计
stat-scored = 有成绩人数
stat-total = 满分
stat-mean = 平均分
stat-median = 中位数
stat-deviation = 标准差
stat-distribution = 分数分布
stat-questions = 题目
question = 题目
points = 分值
score = 得分
scores = 成绩表
facility = 得分率
omitted = 未答
how-ended = 结束方式
mark-right = 正确
mark-partly = 部分正确
mark-wrong = 错误
mark-omitted = 未答
mark-unmarked = 未评分

## Staff: answers that do not count
accept-title = 不计分的答案
accept-look = 查看
accept-look-one = 查看不计分的答案
accept-everybody = 显示所有人
accept-open = { $n ->
    [0] 没有需要决定的答案
   *[other] { $n } 个答案不计分
}
accept-none = 能计分的答案都已计分。同一题已有更新答案的，不在此列出。
accept-means = 认可后，答案按按时提交计分。它会保留标记、您的姓名和原因，您也可以撤回。
accept-pick = 选择
accept-answer = 答案
accept-received = 收到时间
accept-why = 不计分的原因
accept-cleared = 答案已清空
accept-reason-help = 原因会与答案一起保存。
accept-confirm = 认可所选答案
accept-did = { $n ->
    [0] 没有变化。
   *[other] 已处理 { $n } 个答案。
}
accept-done = { $n ->
   *[other] 监考已认可 { $n } 个答案
}
accept-withdraw-means = 撤回后，该答案不再计分。无论哪种情况都不会删除任何内容。
accept-withdraw = 撤回所选认可
accept-withdraw-why = 原因（自行填写）

## 教师:时间线
timeline-lead = 本考场发生的一切，最新的在前。
timeline-none = 还没有任何记录。
timeline-by = 操作者：{ $name }
timeline-reason = 原因：{ $reason }
timeline-older = 更早的记录
file-title = 答案文件
file-lead = 考生的电脑无法发送答案？考生可在考试页面下载一个文件，在此上传：每个答案按原编号存入，重复上传无妨。服务器已证明时间的答案保留原时间；其余答案以现在为收到时间，若已太晚则存入但不计分。
file-choose = 文件
file-paste = 文件内容
file-upload = 上传
file-done = 已存入 { $saved } 个，共 { $total } 个。
file-late = 已存入但不计分：{ $n } 个。成绩页会显示，阅卷人可说明理由后认可。
file-key = 编号
file-outcome = 结果
file-saved = 已保存，计分
file-uncounted = 已存入，不计分：{ $why }
file-refused = 未接收：{ $why }
file-unknown = 结果不确定：请再次上传

## 监考:用文字描述事件,用于时间线和动态
event-of = { $who }:{ $what }
event-clock-open = 考场已开放
event-clock-start = 开始计时
event-clock-pause = 时钟已暂停
event-clock-resume = 时钟继续走
event-clock-extend = { $length }
event-clock-credit = 补回 { $length }
event-clock-accommodate = 照顾安排已更改
event-clock-outage = 已补回中断时间
event-clock-terminate = 由监考结束
event-clock-reopen = 已重新开放
event-clock-revert = 撤回了一次更改
event-clock-end = 监考结束了考试
event-with-reason = { $what },{ $reason }
event-students = { $n } 名学生
event-room-ended = 考场已结束
event-outage-proposed = 服务中断 { $length }，等待决定
event-outage-dismissed = 服务中断的 { $length } 不予补回
event-roster = 名单已更改:{ $n } 名学生
event-joined = 已进入
event-began = 开始计时
event-ended-candidate = 已交卷
event-ended-deadline = 时间到
event-ended-invigilator = 由监考结束
event-reopened = 继续作答
event-pen = 在另一页面或电脑上继续
event-pen-first = 就座
event-takeover-asked = 另一台电脑请求继续
event-takeover-allowed = 已允许更换电脑
event-takeover-refused = 已拒绝更换电脑
event-saved = 答案已保存
event-uploaded = 监考上传了答案文件
event-accepted = 监考认可了一个答案
event-presence-never = 未到
event-presence-connected = 已连接
event-presence-slow = 已连接（较慢：套接字不通，改用 HTTP）
event-presence-unsteady = 连接不稳
event-presence-lost = 连接中断
event-attention-here = 回到页面
event-attention-away = 离开页面
event-delivered = 页面已收到新时间
event-seen = 已确认新时间
event-unaccepted = 监考撤回了对一个答案的认可
event-restored = 已从 { $from } 的备份恢复。从那时到 { $to } 的操作在此缺失,由设备重新发送的答案除外
event-message-room = 向全体发布通知
event-message-some = { $n ->
   *[other] 向 { $n } 名考生发消息
}
event-message-staff = 给监考老师留言
event-message-withdrawn = 消息已撤回
event-message-delivered = 页面已收到消息
event-message-read = 老师已读留言
event-message-seen = 已读消息
event-message-removed = 从列表移除消息
event-hand-raised = 举手
event-hand-answered = 老师正在前往
event-hand-closed = 举手已由老师处理
event-hand-lowered = 已放下手

## 出了什么问题,下一步怎么做。键为错误代码。
error-not_found-title = 找不到
error-not_found = 这里没有你可查看的内容。请检查地址，或返回重新选择。
error-token_missing-title = 尚未登录
error-token_missing = 请登录，或重新输入考试码。
error-token_expired-title = 登录已过期
error-token_expired = 请重新登录，或重新输入考试码。已保存的答案不会丢失。
error-token_invalid-title = 登录无效
error-token_invalid = 请重新登录，或重新输入考试码。
error-account_disabled-title = 账号已停用
error-account_disabled = 请联系管理员启用。
error-not_enrolled-title = 不在本考场名单中
error-not_enrolled = 请核对考试码是否属于本考场。如无误，请举手。
error-origin_forbidden-title = 地址不被允许
error-origin_forbidden = 请用学校公布的地址打开。管理人员：请把此地址加入 public_urls。
error-pen_superseded-title = 你的考试已转到别处
error-pen_superseded = 另一窗口或电脑正在作答。请到那里继续，或改回本页作答。
error-takeover_refused-title = 换机被拒绝
error-takeover_refused = 请在另一台电脑继续，或举手。
error-room_over-title = 本考场已结束
error-room_over = 无需再做任何操作。你的试卷已安全存于服务器。
error-seat_taken-title = 座位已被占用
error-seat_taken = 请换一个座位。
error-setup_done-title = 初次设置已完成
error-setup_done = 请用账号登录。如无人能登录，请在服务器上用“invigil user add”添加账号。
error-not_revertible-title = 此变更不能撤回
error-not_revertible = 请另做一次相反的变更。
error-too_many_options-title = 选项过多
error-too_many_options = 所选不得超过题目允许的数量。
error-draining-title = 服务器正在重启
error-draining = 不会丢失任何内容，本页会在数秒内自动重新连接。
error-room_required-title = 哪个考场？
error-room_required = 请在地址中注明考场。
error-phase_conflict-title = 当前阶段不允许
error-phase_conflict = 考场或考试已处于其他阶段。请查看当前状态后再决定。
error-clock_moved-title = 时间刚被更改
error-clock_moved = 预览之后有人更改了时间，未做任何操作。请查看新时间后再确认。
error-clock_differs-title = 本机时钟有偏差
error-clock_differs = 服务器时间与本机时间相差超过一分钟。开放考场前，请与可信的钟表核对。
error-rooms_running-title = 有考场正在进行
error-rooms_running = 考场进行期间不能把时钟往回拨，否则已发生的事情会变成未来的事情。请在考场结束后再操作。
error-not_proposed-title = 没有待决定的事项
error-not_proposed = 此事已有决定，或无需决定。请重新载入考场页面。
error-entry_closed-title = 已停止入场
error-entry_closed = 已过入场时限。请举手，老师仍可允许你进入。
error-no_time_left-title = 没有剩余时间
error-no_time_left = 重新开放时请增加秒数，否则会立即结束。
error-pen_held-title = 已在另一台电脑打开
error-pen_held = 你的考试已在别处打开，且本场不允许换机。请回到那里继续，或举手。
error-conflict-title = 与已存内容不一致
error-conflict = 已存有其他内容。请载入当前状态后重试。
error-not_running-title = 考试未在进行
error-not_running = 开考后才接收答案，请等待开始。
error-unknown_question-title = 未知题目
error-unknown_question = 试卷中没有这道题。请刷新页面。
error-unknown_option-title = 未知选项
error-unknown_option = 题目中没有这个选项。请刷新页面。
error-wrong_shape-title = 答案格式不符
error-wrong_shape = 请按题目要求的形式作答。
error-too_long-title = 太长
error-too_long = 请缩短文字，之后即可保存。
error-nul_character-title = 含有无法存储的字符
error-nul_character = 请删除不可见字符，例如重新输入这段文字。
error-unstorable-title = 无法存储此内容
error-unstorable = 数据库不接受这段文字。请换用其他字符重新输入，并告知监考人员。
error-busy-title = 服务器繁忙
error-busy = 不会丢失任何内容，系统会自动重试。若是手动操作，请稍等几秒再试。
error-database_away-title = 无法连接数据库
error-database_away = 已保存的内容不会丢失，系统会自动重试。管理人员：请检查数据库。
error-disk_full-title = 磁盘已满
error-disk_full = 已保存的内容不会丢失。管理人员：请立即清理服务器磁盘，等待中的答案随后会自动保存。
error-key_reused-title = 该键已用于其他操作
error-key_reused = 此 Idempotency-Key 属于另一条命令，请换一个新键。
error-idempotency_mismatch-title = 该键已用于其他操作
error-idempotency_mismatch = 此 Idempotency-Key 属于另一条命令，请换一个新键。
error-key_required-title = 缺少 Idempotency-Key
error-key_required = 请发送 Idempotency-Key 头，使重复的命令只执行一次。
error-precondition_failed-title = 内容已被更改
error-precondition_failed = 载入之后有人做了更改。请重新载入，再做你的更改。
error-precondition_required-title = 缺少 If-Match
error-precondition_required = 请以载入时的 ETag 发送 If-Match。
error-bad_request-title = 无法理解请求
error-bad_request = 请对照 API 文档检查请求。
error-bad_field-title = 有字段不正确
error-bad_field = 请改正下列字段后重试。
error-too_large-title = 太大
error-too_large = 请减少单次发送的内容。
error-timeout-title = 超时
error-timeout = 请重试。同一键的命令只会执行一次。
error-method_not_allowed-title = 方法不允许
error-method_not_allowed = 请使用 Allow 头列出的方法。
error-unsupported_media_type-title = 不支持的格式
error-unsupported_media_type = 请发送 API 文档所列的格式。
error-rate_limited-title = 尝试次数过多
error-rate_limited = 请稍等片刻再试。
error-forbidden-title = 没有权限
error-forbidden = 你无权进行此操作，请联系考场负责人。
error-internal-title = 系统出错
error-internal = 这是我们的问题，已记录。已保存的内容不会丢失。请重试。
error-login_failed-title = 登录名或密码不正确
error-login_failed = 请核对后重试。忘记密码请联系管理员。
error-code_unknown-title = 考试码无效
error-code_unknown = 请与考试条逐字核对。如无误，请举手，老师可以给你新的考试码。
error-host_unknown-title = 未知地址
error-host_unknown = 请用学校公布的地址打开。管理人员：请把此地址加入 public_urls。
error-roster_invalid-title = 名单未导入
error-roster_invalid = 未做任何更改。请改正下列各行后重新导入。
error-file_unreadable-title = 这不是答案文件
error-file_unreadable = 未读入任何内容。请选择考生从考试页面下载的文件。
error-file_another-title = 这个文件属于其他考生或其他考场
error-file_another = 未读入任何内容。请打开文件名中那位考生的页面，再在那里上传。
error-file_damaged-title = 文件已损坏
error-file_damaged = 未读入任何内容：文件写出后被改动过。请考生重新下载，不要打开文件。
error-paper_invalid-title = 试卷未保存
error-paper_invalid = 未做任何更改。请改正下列题目后重试。
error-paper_empty-title = 试卷没有题目
error-paper_empty = 开放考场前，请至少添加一道题。
error-room_started-title = 考场已开始
error-room_started = 此项已不能更改。如有需要，请另建考场。
error-exam_in_use-title = 试卷正在使用
error-exam_in_use = 有考场正在使用它。请复制后修改副本。
error-login_taken-title = 登录名已被使用
error-login_taken = 请换一个登录名。
error-weak_password-title = 密码太弱
error-weak_password = 请使用至少 10 个字符，且不要用常见密码。
error-csrf-title = 表单已过期
error-csrf = 未做任何更改。请刷新页面后重试。
error-malformed-title = 无法理解消息
error-malformed = 请对照 API 文档检查消息。
error-unknown_type-title = 未知的消息类型
error-unknown_type = 已忽略。请对照 API 文档检查类型。
error-slow_down-title = 太快
error-slow_down = 请降低发送频率，不会丢失任何内容。
error-missing_answers-title = 有答案未送达
error-missing_answers = 正在重新发送，随后交卷。
error-unknown_pen-title = 本页无权作答
error-unknown_pen = 请刷新页面，继续考试。
error-reason_required-title = 需要原因
error-reason_required = 请说明原因，以便记入时间线。
error-out_of_range-title = 超出范围
error-out_of_range = 请选择限定范围内的值。
error-last_admin-title = 最后一名管理员
error-last_admin = 请先指定另一名管理员。
error-check_closed-title = 此检查未打开
error-check_closed = 请与老师核对检查码。检查四小时后关闭；老师可以开始新的检查。
error-check_full-title = 此检查不再接收电脑
error-check_full = 老师可以开始新的检查。
error-rehearsal_running-title = 演练正在进行
error-rehearsal_running = 一台服务器同时只能有一场演练。请等它结束，或在其考场页面停止。
error-exams_near-title = 现在不行
error-exams_near = 此服务器上有考试正在进行，或在 15 分钟内开始，模拟学生会干扰它。请在之后演练。
