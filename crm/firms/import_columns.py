"""Columns that a list of firms may have, by the headings that offices give them."""

from __future__ import annotations

from crm.spreadsheets.columns import FieldSpec


def _field(name: str, zh: str, synonyms: str = "") -> FieldSpec:
    return FieldSpec(name, zh, tuple(synonyms.split()))


FIELDS = (
    _field(
        "name",
        "企业名称",
        "单位名称 公司名称 名称 企业全称 单位全称 公司全称 企业名 申报单位 申报企业 机构名称 市场主体名称 "
        "纳税人名称 企业名称（全称） 企业",
    ),
    _field(
        "code",
        "统一社会信用代码",
        "社会信用代码 信用代码 统一信用代码 统一代码 统一社会信用代码（18位） 统一社会信用代码证号 "
        "统一社会信用代码/组织机构代码 组织机构代码 营业执照号 纳税人识别号",
    ),
    _field(
        "registered_on",
        "注册日期",
        "成立日期 成立时间 注册时间 设立日期 登记日期 注册登记日期 成立年月日",
    ),
    _field("firm_type", "企业类型", "公司类型 单位类型 登记注册类型 市场主体类型 企业性质"),
    _field(
        "registered_capital",
        "注册资本_万",
        "注册资本 注册资金 注册资本（万元） 注册资本（万） 注册资本金",
    ),
    _field("capital_currency", "注册资本币种", "币种 注册资金币种 资本币种 货币"),
    _field(
        "district",
        "所在区县",
        "所属区县 区县 县市区 县（市、区） 区（县、市） 区、县（市） 所在县市区 所属县市区 所在地 所属地区 "
        "所在地区 属地 辖区 行政区划 所在区 注册地",
    ),
    _field("district_code", "区县代码", "行政区划代码 区划代码 县区代码 地区代码"),
    _field(
        "township",
        "乡镇街道",
        "所在乡镇 所属乡镇 乡镇（街道） 镇（街道） 镇街 镇街道 所属镇街 所属乡镇街道 所在乡镇街道 街道 乡镇",
    ),
    _field("development_zone_hint", "开发区线索", "开发区 园区 所在园区 所属园区 所属开发区"),
    _field("is_branch", "是否分支机构", "分支机构 是否分公司"),
    _field("industry", "所属行业", "行业 行业名称 行业类别 国民经济行业 行业代码及名称"),
    _field("hnte_field", "技术领域", "高新技术领域 所属技术领域 国家重点支持的高新技术领域 所属领域 领域"),
    _field("business_scope", "经营范围", "经营范围_截断80字 经营范围及方式 主营业务"),
    _field("former_name", "曾用名", "曾用名称 原名称 原企业名称 变更前名称 原名 旧名称"),
    _field("owner", "经办人", "经办 经办账号 经办人账号 服务专员 跟踪经办人"),
    _field("contact_name", "联系人", "联系人姓名 企业联系人"),
    _field(
        "contact_phone",
        "联系电话",
        "电话 手机 手机号 手机号码 联系手机 联系方式 联系人电话 联系人手机",
    ),
    _field(
        "contact_email",
        "联系邮箱",
        "邮箱 电子邮箱 电子邮件 联系人邮箱 E-mail Email 邮箱地址",
    ),
)
