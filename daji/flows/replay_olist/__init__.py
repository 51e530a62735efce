"""The Olist marketplace's history (2016 to 2018, Brazil), lived again: a journey of journeys.

Every recorded order goes through the journeys that a shopper, a gateway, a warehouse and a carrier take today, on a
clock that is moved by hand. Split by verb: `source` reads, `plan` says what happens when, `importing` writes who
sells what to whom, `drive` moves the clock, `steps` takes each step, `reconcile` compares. Data and column names:
Brazilian E-Commerce Public Dataset by Olist (https://www.kaggle.com/datasets/olistbr/brazilian-ecommerce).
"""
