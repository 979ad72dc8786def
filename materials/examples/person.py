"""Examples of who the candidate is and what they studied; a legend line: region, key words, the rest, English."""

from functools import partial

from materials.examples.certificates import certificate, identity_cards, portrait_with_card, tall_certificate
from materials.examples.letters import change, letter, paragraph
from materials.examples.picture import CORNERS, FRAME, NAME, ORIGINAL, Callout, Example
from materials.examples.sheets import report

PERSON: dict[str, Example] = {
    "ID": Example(
        "身份证明",
        "Identity document, front and back",
        identity_cards,
        (
            Callout(
                FRAME, "正反面各一张", "四角完整，没有反光", "One picture of each side; all four corners, no glare"
            ),
            Callout("face", "人像", "清楚，不被手指遮挡", "Portrait clear, no finger over it"),
            Callout("number", "证件号码", "每一位都看得清", "Every digit of the number legible", "br"),
            Callout("validity", "有效期限", "证件仍在有效期内", "Still valid"),
        ),
    ),
    "IDHOLD": Example(
        "手持身份证照片",
        "Portrait holding the identity card",
        portrait_with_card,
        (
            Callout(FRAME, "上半身入镜", "光线均匀，背景简单", "Head, shoulders and card in the frame; even light"),
            Callout("face", "面部", "正对镜头，不戴帽子和口罩", "Face to the camera, no hat, no mask"),
            Callout("card", "证件", "正面朝外，手指不挡文字", "Portrait side outwards, no finger over the text"),
            Callout("number", "证件号码", "放大后每一位都看得清", "Every digit of the number legible when enlarged"),
        ),
    ),
    "IDCHG": Example(
        "身份信息变更证明",
        "Proof of changed identity data",
        partial(
            letter,
            "身份信息变更证明",
            (paragraph(2), change("姓名", "张样例", NAME), paragraph(2)),
        ),
        (
            CORNERS,
            Callout("before", "变更前的信息", "与原有证书一致", "The former data, as on the older certificates"),
            Callout("after", "变更后的信息", "与现身份证一致", "The present data, as on the identity card"),
            Callout("seal", "公章和日期", "户籍管理部门盖章", "Seal of the household registration office; date"),
        ),
    ),
    "EDU": Example(
        "毕业证书",
        "Diploma",
        partial(certificate, "毕业证书", "#9a5b16", "证书编号"),
        (
            ORIGINAL,
            Callout("photo", "照片", "本人照片清楚", "Photo on the diploma clear"),
            Callout("seal", "印章和日期", "学校印章、毕业日期清晰", "The school's seal and the date legible"),
            Callout("number", "证书编号", "专升本的两份都要上传", "Number legible; both diplomas if upgraded"),
        ),
    ),
    "EDUVER": Example(
        "学历备案表或认证报告",
        "Diploma verification report",
        partial(report, "学历证书电子注册备案表"),
        (
            Callout(FRAME, "整页完整", "页眉页脚都在画面内", "The whole page, from top to bottom"),
            Callout("person", "照片", "本人照片清楚", "Photo of the candidate clear"),
            Callout("code", "二维码", "清晰，可以扫描验证", "Code sharp enough to be scanned"),
            Callout("validity", "有效期", "提交时仍在有效期内", "Not expired when handed in"),
        ),
    ),
    "DEGREE": Example(
        "专业学位证书",
        "Professional degree certificate",
        partial(tall_certificate, "专业学位证书", "#274b86", "证书编号"),
        (
            ORIGINAL,
            Callout("photo", "照片和姓名", "清楚，没有反光", "Photo and name clear, no glare", "tr"),
            Callout("number", "证书编号", "每一位都看得清", "Every digit of the number legible"),
            Callout("seal", "印章和日期", "授予单位印章清晰", "Seal of the awarding institution, and the date"),
        ),
    ),
    "OVERSEAS": Example(
        "国外学历认证书",
        "Certification of a foreign degree",
        partial(tall_certificate, "国外学历学位认证书", "#2f6b5b", "认证书编号", letter_style=True),
        (
            CORNERS,
            Callout("photo", "照片", "本人照片清楚", "Photo on the certificate clear"),
            Callout("number", "认证书编号", "每一位都看得清", "Every digit of the number legible"),
            Callout("seal", "印章和日期", "留学服务中心印章清晰", "Seal of the certifying centre, and the date"),
        ),
    ),
}
