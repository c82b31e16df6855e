"""Words of the verification of one case: what was checked, what was not, what a break means and what to do then."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

VERIFICATION: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "verify.now": ("全面核验（含存档文件）", "Verify all, stored files too"),
        "verify.lead": (
            "打开本页时已核验留痕和校验点；全面核验还逐一读回存档文件，并给出可打印的核验说明。",
            "The trail and its checkpoints were checked as this page opened. Verifying all also reads every stored file"
            " again and gives a statement to print.",
        ),
        "verify.title": ("核验说明", "Statement of verification"),
        "verify.about": ("核验对象", "Of what"),
        "verify.when": ("核验时间", "Verified at"),
        "verify.who": ("核验人", "Verified by"),
        "verify.result": ("结论", "Result"),
        "verify.whole": ("没有发现不符", "Nothing was found that does not fit"),
        "verify.broken": ("发现 {n} 处不符", "Does not fit: {n}"),
        "verify.checked": ("核验了什么", "What was checked"),
        "verify.checked.trail": (
            "重新计算 {events} 条留痕的摘要，逐条核对与前一条的衔接，并与办件登记的末条和当前状态核对。"
            "改动、删除、调换、插入任何一条，或者截去最后几条，都会在此显出。",
            "The digests of all {events} events were computed again, each held against the one before it, the last"
            " against what the case remembers and the state that it is in. An event that was altered, removed, moved,"
            " put in, or cut off the end shows here.",
        ),
        "verify.checked.told": (
            "留痕所记的扫描件和文书，核对其登记是否仍在、是否一致；时间早于校验点而未被其封存的留痕，按事后补入报出。",
            "The scans and documents that the trail tells of were looked up: their rows are there and agree. An event"
            " dated before a checkpoint that does not seal it is named as put in afterwards.",
        ),
        "verify.checked.sealed": (
            "第 1 至 {seq} 条由校验点封存（最近为第 {checkpoint} 号，{day}）：重新计算默克尔根，验证数字签名，"
            "并与对象存储中锁定保存的副本核对。即使掌握全部权限的人事后重写整条链，也会在此显出。",
            "Events 1 to {seq} are sealed by checkpoints (the newest is number {checkpoint}, of {day}): the Merkle root"
            " was computed again, the signature checked, and the locked copy in the object store compared. Even a"
            " chain that was written anew from end to end by somebody with every right shows here.",
        ),
        "verify.checked.objects": (
            "读回全部 {objects} 个存档文件，重新计算摘要，与收取或生成时的摘要核对，并核对锁定期限。",
            "All {objects} stored files were read back: their digests are those of the day they came in or were made,"
            " and they are locked for as long as they must be.",
        ),
        "verify.checked.no_objects": ("本办件没有存档文件。", "The case has no stored files."),
        "verify.not": ("没有核验什么", "What was not checked"),
        "verify.not.unsealed": (
            "第 {first} 至 {last} 条尚未由校验点封存（校验点每日结束后形成）：目前只由链本身证明，"
            "不能排除掌握全部权限的人在封存之前重写。次日再核验一次即可。",
            "Events {first} to {last} are not sealed yet (a checkpoint is made after each day): the chain alone speaks"
            " for them, and somebody with every right could have written it anew before it is sealed. Verify again on"
            " the next day.",
        ),
        "verify.not.truth": (
            "所记内容是否属实：留痕证明何人何时记下了什么，不证明申请人所述或材料本身真实。",
            "Whether what was recorded is true: the trail proves who recorded what and when, not that the applicant's"
            " words or papers are genuine.",
        ),
        "verify.not.person": (
            "操作账号背后是否本人：账号和代理履职有留痕，密码借给他人使用核验不出来。",
            "Whether the person behind an account was its owner: accounts and delegations leave a trace, a password"
            " that was lent does not.",
        ),
        "verify.not.clock": (
            "服务器时钟是否准确：留痕用服务器时间；早晚顺序由链和校验点证明。",
            "Whether the server's clock was right: the trail uses its time; the order of events is proved by chain and"
            " checkpoints.",
        ),
        "verify.not.others": (
            "其他办件，以及没有留痕依据的栏目（如便于检索的到期时间、亮牌文字）。"
            "全库核验由运维在服务器上执行 yichuang audit verify。",
            "Other cases, and columns that no event tells of (such as due times kept for search, the words of cards)."
            " The operator verifies everything on the server: yichuang audit verify.",
        ),
        "verify.means": ("不符意味着什么", "What a break means"),
        "verify.means.text": (
            "不符说明库中数据与当时留下的不一样：被人改动，或者存储损坏。它不说明是谁、出于什么目的；"
            "不符之处以前的留痕仍然可信，不符之处以及其后的，未经独立查证不能单独作为定案依据。存档文件不符的，该文件不能再作为原件使用，留痕本身另行判断。",
            "A break says that the data is no longer what was left at the time: somebody altered it, or storage failed."
            " It does not say who or why. What comes before the break still stands; the break and what follows it"
            " should decide nothing by themselves until checked independently. A stored file that does not fit is no"
            " original any more; the trail is judged by itself.",
        ),
        "verify.means.none": (
            "没有发现不符，即本办件上述内容自记下之日起未被改动（尚未封存的部分见上）。",
            "Nothing found means: what is named above has not been altered since it was recorded (for what is not"
            " sealed yet, see above).",
        ),
        "verify.do": ("接下来怎么办", "What to do"),
        "verify.do.keep": (
            "不要办理、更正或删除该办件；打印本说明并记下时间。",
            "Do nothing with the case, neither correct nor remove anything; print this statement with its time.",
        ),
        "verify.do.bundle": (
            "取出证据包和包含证明，存到本系统以外；用另一台机器上的 verify.py 和事先记下的公钥独立核验。",
            "Take the bundle and the proof out of this system; check them with verify.py on another machine and the"
            " public key that you noted before.",
        ),
        "verify.do.report": (
            "通知系统管理员和安全管理员，请运维作全库核验，并与备份比对，查明不符之处何时出现。",
            "Tell the system and security administrators; have the operator verify everything and compare the backups"
            " to find when the break came about.",
        ),
        "verify.do.finding": (
            "在全程记录页面提出审计发现，写明不符的条号和代码。",
            "Record a finding on the page of the record, with the number of the event and the code.",
        ),
        "verify.do.none": (
            "留存本说明即可。要向外单位证明，附证据包：对方用 Python 和公钥自行核验，不必相信本系统。",
            "Keep this statement. To prove it to somebody else, add the bundle: they check it with Python and the"
            " public key, and need not trust this system.",
        ),
        "verify.bundle": ("取证据包", "Take the bundle"),
        "verify.reason": ("用途（记入日志）", "What for (logged)"),
        "verify.files": ("含存档文件", "with the stored files"),
        "verify.back": ("返回全程记录", "Back to the record"),
        "verify.code": ("代码", "Code"),
    }
)
"""(Chinese, English) by message id."""
