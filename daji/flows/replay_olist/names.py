"""What the source's categories are called here; its products have no names of their own."""

from __future__ import annotations

from collections.abc import Mapping

UNSORTED = "sem_categoria"

_ENGLISH: Mapping[str, str] = {
    UNSORTED: "Unsorted",
    "pc_gamer": "Gaming PCs",
    "portateis_cozinha_e_preparadores_de_alimentos": "Small kitchen appliances",
}
"""Categories that the source's own translation lacks."""

CHINESE: Mapping[str, str] = {
    UNSORTED: "未分类",
    "agro_industria_e_comercio": "农牧工商",
    "alimentos": "食品",
    "alimentos_bebidas": "食品饮料",
    "artes": "艺术",
    "artes_e_artesanato": "手工艺",
    "artigos_de_festas": "派对用品",
    "artigos_de_natal": "圣诞用品",
    "audio": "音响",
    "automotivo": "汽车用品",
    "bebes": "母婴",
    "bebidas": "饮料",
    "beleza_saude": "美容健康",
    "brinquedos": "玩具",
    "cama_mesa_banho": "床品卫浴",
    "casa_conforto": "舒适家居",
    "casa_conforto_2": "舒适家居二",
    "casa_construcao": "家装建材",
    "cds_dvds_musicais": "音乐光盘",
    "cine_foto": "影像",
    "climatizacao": "空调暖通",
    "consoles_games": "游戏机",
    "construcao_ferramentas_construcao": "建筑工具",
    "construcao_ferramentas_ferramentas": "五金工具",
    "construcao_ferramentas_iluminacao": "工程照明",
    "construcao_ferramentas_jardim": "园林工具",
    "construcao_ferramentas_seguranca": "安全防护工具",
    "cool_stuff": "新奇好物",
    "dvds_blu_ray": "影碟",
    "eletrodomesticos": "家用电器",
    "eletrodomesticos_2": "家用电器二",
    "eletronicos": "电子产品",
    "eletroportateis": "小家电",
    "esporte_lazer": "运动休闲",
    "fashion_bolsas_e_acessorios": "箱包配饰",
    "fashion_calcados": "鞋靴",
    "fashion_esporte": "运动服饰",
    "fashion_roupa_feminina": "女装",
    "fashion_roupa_infanto_juvenil": "童装",
    "fashion_roupa_masculina": "男装",
    "fashion_underwear_e_moda_praia": "内衣泳装",
    "ferramentas_jardim": "花园工具",
    "flores": "鲜花",
    "fraldas_higiene": "尿布卫生",
    "industria_comercio_e_negocios": "工业商用",
    "informatica_acessorios": "电脑配件",
    "instrumentos_musicais": "乐器",
    "la_cuisine": "精致厨房",
    "livros_importados": "进口图书",
    "livros_interesse_geral": "综合图书",
    "livros_tecnicos": "专业图书",
    "malas_acessorios": "行李箱包",
    "market_place": "集市",
    "moveis_colchao_e_estofado": "床垫软体",
    "moveis_cozinha_area_de_servico_jantar_e_jardim": "厨房餐厅家具",
    "moveis_decoracao": "家具装饰",
    "moveis_escritorio": "办公家具",
    "moveis_quarto": "卧室家具",
    "moveis_sala": "客厅家具",
    "musica": "音乐",
    "papelaria": "文具",
    "pc_gamer": "游戏电脑",
    "pcs": "电脑",
    "perfumaria": "香水",
    "pet_shop": "宠物用品",
    "portateis_casa_forno_e_cafe": "烤箱咖啡机",
    "portateis_cozinha_e_preparadores_de_alimentos": "厨房小家电",
    "relogios_presentes": "钟表礼品",
    "seguros_e_servicos": "保险服务",
    "sinalizacao_e_seguranca": "标识安防",
    "tablets_impressao_imagem": "平板打印",
    "telefonia": "手机通讯",
    "telefonia_fixa": "固定电话",
    "utilidades_domesticas": "日用百货",
}


def category_names(code: str, english: Mapping[str, str]) -> dict[str, str]:
    """The category in both languages; one that nobody translated keeps its own words."""
    plain = code.replace("_", " ")
    spoken = _ENGLISH.get(code) or english.get(code, plain).replace("_", " ").capitalize()
    return {"en": spoken, "zh": CHINESE.get(code, plain)}
