"""Examples of where the candidate works and why they may sit; a legend line: region, key words, the rest, English."""

from functools import partial

from materials.examples.certificates import certificate, licence, practice_booklet, qualification_booklet
from materials.examples.forms import Cell, Row, form
from materials.examples.letters import facts, letter, paragraph, period
from materials.examples.picture import CORNERS, DATE, FRAME, NAME, ORIGINAL, Callout, Example
from materials.examples.sheets import employment, stack, ticket_or_scores


def _field(label: str, value: str, mark: str = "", height: float = 28, share: float = 3) -> Row:
    """A form's row with one label and one value, or bars where there is no value."""
    return Row(height, (Cell(1, label), Cell(share, value, "value" if value else "bars", mark)))


WORK: dict[str, Example] = {
    "TRIAL": Example(
        "试用期考核合格证明",
        "Trial-period assessment",
        partial(
            form,
            "试用期考核合格证明",
            (
                _field("姓名", NAME),
                _field("试用机构", ""),
                _field("试用时间", "0000.00—0000.00", "period"),
                Row(64, (Cell(1, "岗位|工作"), Cell(3, kind="bars"))),
                Row(120, (Cell(1, "单位|考核|意见"), Cell(3, "考核合格", "opinion"))),
            ),
        ),
        (
            Callout(FRAME, "四角完整", "多家单位的每家一份", "All four corners; one form from each institution"),
            Callout("period", "试用起止时间", "填写完整，本年度有效", "First and last day filled in; valid this year"),
            Callout("opinion", "考核结论", "写明“考核合格”", "The conclusion says: passed"),
            Callout("seal", "单位公章", "加盖公章，日期清晰", "The institution's seal; date legible"),
        ),
    ),
    "PRACT": Example(
        "执业期考核合格证明",
        "Practice-period assessment",
        partial(
            form,
            "执业期考核合格证明",
            (
                Row(28, (Cell(1, "姓名"), Cell(1.2, NAME, "value"), Cell(1, "性别"), Cell(0.8, kind="bars"))),
                _field("执业机构", ""),
                Row(44, (Cell(1, "执业助理|起止时间"), Cell(2.2, "0000.00—0000.00", "value", "period"))),
                Row(104, (Cell(1, "考核|意见"), Cell(3.6, "考核合格", "opinion"))),
                Row(64, (Cell(1, "备注"), Cell(3.6, kind="bars"))),
            ),
        ),
        (
            CORNERS,
            Callout("period", "执业起止时间", "执业助理医师期间", "Period practised as assistant physician"),
            Callout("opinion", "考核结论", "写明“考核合格”", "The conclusion says: passed"),
            Callout("seal", "单位公章", "加盖公章，日期清晰", "The institution's seal; date legible"),
        ),
    ),
    "ASQ": Example(
        "执业助理医师资格证书",
        "Assistant physician qualification",
        partial(qualification_booklet, "执业助理医师资格证书", "#7c2331"),
        (
            Callout(FRAME, "原件，两页摊平", "四角完整，没有反光", "The original, opened flat; all four corners"),
            Callout("photo", "照片页", "照片和姓名清楚", "Photo and name clear"),
            Callout("number", "证书编码", "编号页每一位都看得清", "The page with the number, every digit legible"),
            Callout("issue", "签发日期和印章", "清晰可辨", "Date of issue and seal legible"),
        ),
    ),
    "ASP": Example(
        "医师执业证书",
        "Practice certificate, with its changes",
        partial(practice_booklet, "#8a2b35"),
        (
            Callout(FRAME, "每个内页各一张", "摊平，四角完整", "One picture per double page, opened flat"),
            Callout("number", "执业证书编码", "每一位都看得清", "Every digit of the number legible"),
            Callout("practice", "类别和地点", "执业类别、执业地点清晰", "Category and place of practice legible"),
            Callout("changes", "变更记录页", "有变更的每页都要拍", "Every page with recorded changes"),
        ),
    ),
    "FIRSTREG": Example(
        "首次注册证明",
        "Proof of first registration",
        partial(
            letter,
            "医师首次注册证明",
            (
                facts("person", ("姓名", NAME), ("证书编码", "000000000000000")),
                paragraph(3),
                facts("first", ("首次注册日期", DATE)),
            ),
        ),
        (
            CORNERS,
            Callout("person", "姓名和证书编码", "与执业证书一致", "Name and number as on the practice certificate"),
            Callout("first", "首次注册日期", "写明年月日", "Day of the first registration stated in full"),
            Callout("seal", "公章", "卫生健康部门出具并盖章", "Issued and sealed by the health authority"),
        ),
    ),
    "ORG": Example(
        "医疗机构执业许可证副本",
        "Institution's practice licence (copy)",
        partial(licence, "医疗机构执业许可证", "#1f6f63"),
        (
            CORNERS,
            Callout("number", "登记号", "机构名称和登记号清晰", "Name of the institution and its number legible", "tr"),
            Callout("validation", "校验记录", "在校验有效期内", "Within its validation period"),
            Callout("seal", "公章", "图片上的公章清晰", "The institution's seal legible", "bl"),
        ),
    ),
    "PLEDGE_G": Example(
        "应届毕业生承诺书",
        "Fresh graduate's pledge",
        partial(
            letter,
            "应届毕业生承诺书",
            (facts("", ("考生姓名", NAME)), paragraph(6, "text", lead="本人郑重承诺：")),
            sealed=False,
            signed=True,
        ),
        (
            CORNERS,
            Callout("text", "承诺内容", "全文完整，没有涂改", "The whole text, nothing altered"),
            Callout("signature", "本人签字", "手写，不能打印或代签", "Signed by hand by the candidate"),
            Callout("date", "日期", "写明签字日期", "Day of the signature"),
        ),
    ),
    "EMPLOY": Example(
        "在岗或社保证明",
        "Proof of employment or social insurance",
        employment,
        (
            Callout(FRAME, "两种材料任选一种", "四角完整", "Either of the two; all four corners in the frame"),
            Callout("name", "姓名", "与报名信息一致", "Name as registered", "tr"),
            Callout("span", "在岗或缴费时间", "起止时间清晰", "Time in post, or months of contributions"),
            Callout("seal", "公章", "单位或社保部门公章", "Seal of the institution or of the insurance office"),
        ),
    ),
    "TCM": Example(
        "师承出师证或确有专长证书",
        "Certificate of apprenticeship or special skill",
        partial(certificate, "出师证书", "#6b4a1e", "证书编号", photo_right=True, subject="持证人"),
        (
            ORIGINAL,
            Callout("photo", "照片", "本人照片清楚", "Photo on the certificate clear"),
            Callout("number", "证书编号", "每一位都看得清", "Every digit of the number legible"),
            Callout("seal", "印章和日期", "发证部门印章清晰", "Seal of the issuing authority, and the date"),
        ),
    ),
    "RURAL": Example(
        "基层工作证明",
        "Proof of rural service",
        partial(
            letter,
            "基层工作证明",
            (
                facts("person", ("姓名", NAME), ("岗位", "乡村全科")),
                paragraph(1),
                period("period", "0000.00.00", "0000.00.00", "在岗满一年"),
            ),
        ),
        (
            CORNERS,
            Callout("person", "姓名和岗位", "与报名信息一致", "Name and post as registered"),
            Callout("period", "在岗起止时间", "满一年", "First and last day; at least one year in post"),
            Callout("seal", "单位公章", "加盖公章，日期清晰", "The institution's seal; date legible"),
        ),
    ),
    "EXTRA": Example(
        "加试申请表",
        "Application for an extra test",
        partial(
            form,
            "加试申请表",
            (
                _field("姓名", NAME),
                _field("工作单位", ""),
                Row(58, (Cell(1, "加试|内容"), Cell(3, "+院前急救|儿科", "ticks", "choice"))),
                Row(46, (Cell(1, "申请人|签字"), Cell(3, kind="signature", mark="signature"))),
                Row(110, (Cell(1, "单位|意见"), Cell(3, "同意申请", "opinion"))),
            ),
        ),
        (
            CORNERS,
            Callout("choice", "加试内容", "院前急救或儿科，已勾选", "Pre-hospital emergency or paediatrics, ticked"),
            Callout("signature", "申请人签字", "本人手写", "Signed by hand by the candidate"),
            Callout("seal", "单位公章", "盖章清晰，有日期", "The institution's seal and the date"),
        ),
    ),
    "MIL": Example(
        "军队同意报考证明",
        "Military consent",
        partial(
            letter,
            "同意报考证明",
            (facts("person", ("姓名", NAME), ("报考类别", "临床")), paragraph(3, "consent", lead="同意报名参加考试")),
            ruled=True,
        ),
        (
            CORNERS,
            Callout("person", "姓名和报考类别", "与报名信息一致", "Name and category as registered"),
            Callout("consent", "同意报考", "写明单位意见", "Consent to the examination stated"),
            Callout("seal", "公章", "团级以上单位盖章", "Seal of a unit at regiment level or above"),
        ),
    ),
    "HMT": Example(
        "台港澳或外籍人员实习审核表",
        "Internship form (Taiwan, HK, Macao, abroad)",
        partial(
            form,
            "实习审核表",
            (
                _field("姓名", NAME, share=2),
                _field("证件", "通行证 / 护照", share=2),
                _field("号码", "X00000000", "number", share=2),
                Row(34, (Cell(1, "实习时间"), Cell(3, "0000.00—0000.00", "value", "period"))),
                Row(60, (Cell(1, "实习|内容"), Cell(3, kind="bars"))),
                Row(96, (Cell(1, "审核|意见"), Cell(3, "实习合格", "opinion"))),
            ),
            portrait=True,
        ),
        (
            CORNERS,
            Callout("number", "证件号码", "与通行证或护照一致", "Number as in the travel permit or passport", "tr"),
            Callout("period", "实习起止时间", "填写完整", "First and last day of the internship"),
            Callout("seal", "公章", "实习单位意见和公章清晰", "The institution's opinion and seal legible"),
        ),
    ),
    "RETAKE": Example(
        "往年准考证或成绩单",
        "Earlier admission ticket or score report",
        ticket_or_scores,
        (
            Callout(FRAME, "两种材料任选一种", "四角完整", "Either of the two; all four corners in the frame"),
            Callout("number", "准考证号", "每一位都看得清", "Every digit of the admission number legible", "tr"),
            Callout("person", "照片", "准考证照片清楚", "Photo on the ticket clear"),
            Callout("year", "考试年度", "近年报考并通过审核", "Registered and approved in a recent year"),
        ),
    ),
    "OTHER": Example(
        "其他材料",
        "Other material, as the exam site asks",
        stack,
        (
            Callout(FRAME, "一张图片只拍一页", "四角完整", "One page per picture, all four corners"),
            Callout("name", "姓名", "与报名信息一致", "Name as registered", "tr"),
            Callout("text", "文字", "端正、清晰，没有遮挡", "Text upright and sharp, nothing covered"),
            Callout("seal", "印章和日期", "有印章的须清晰", "Seal and date legible where there are any"),
        ),
    ),
}
